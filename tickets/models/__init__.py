from tickets.models.attachment import Attachment, DiscardedFile, DraftFile
from tickets.models.customer import Customer
from tickets.models.draft import Draft
from tickets.models.duty import Duty, Skills
from tickets.models.house import HouseChange
from tickets.models.link import TicketLink
from tickets.models.message import Message
from tickets.models.passage import Passage, SearchMark, Word
from tickets.models.person import User
from tickets.models.sign_in import CustomerSession, SignInLink
from tickets.models.team import Category, Channel, Tag, Team
from tickets.models.ticket import Ticket, Wish
from tickets.models.token import ApiToken

__all__ = [
    "ApiToken",
    "Attachment",
    "Category",
    "Channel",
    "Customer",
    "CustomerSession",
    "Draft",
    "DiscardedFile",
    "DraftFile",
    "Duty",
    "HouseChange",
    "Message",
    "Passage",
    "SearchMark",
    "SignInLink",
    "Skills",
    "Tag",
    "Team",
    "Ticket",
    "TicketLink",
    "User",
    "Wish",
    "Word",
]
