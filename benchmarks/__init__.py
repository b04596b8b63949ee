"""What is measured, how, and on what data: see README.md. Run by `make bench`."""
