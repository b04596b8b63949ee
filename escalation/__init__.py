"""Where a ticket stands and what may be done with it now: floors, clocks, triggers, approvals, holds, the audit trail."""
