"""Rows of the orders app. Who may write each of them is said in its docstring."""

from .account import MarketplaceAccount
from .assembly import AssemblyTask, TaskItem
from .attention import Attention
from .calls import BuyerCall
from .floor import ArticleBarcode, Badge, Pick, Shift, Shortage, Wave
from .marking import MarkingCode, Scan
from .order import Order
from .outbox import ActionAttempt, BulkRun, MarketplaceAction, RequestKey
from .personal import Buyer, BuyerToken
from .reading import DeliveryServiceName, OrderToRead
from .shipment import Reaction, ReactionRule, Shipment
from .timeline import TimelineEntry

__all__ = [
    "ActionAttempt",
    "ArticleBarcode",
    "AssemblyTask",
    "Attention",
    "Badge",
    "BulkRun",
    "Buyer",
    "BuyerCall",
    "BuyerToken",
    "DeliveryServiceName",
    "MarketplaceAccount",
    "MarketplaceAction",
    "MarkingCode",
    "Order",
    "OrderToRead",
    "Pick",
    "Reaction",
    "ReactionRule",
    "RequestKey",
    "Scan",
    "Shift",
    "Shipment",
    "Shortage",
    "TaskItem",
    "TimelineEntry",
    "Wave",
]
