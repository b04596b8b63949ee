"""The ground rules of the REST API: who calls, what is read, how lists, errors and repeats are answered."""
