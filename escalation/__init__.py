"""Where a ticket stands and what may be done with it now: floors, clocks, rules, approvals, holds, audit trail."""
