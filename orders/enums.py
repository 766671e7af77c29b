"""Words of the domain, used in code, pages, API and documents alike."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MarketplaceKind(TextChoices):
    WILDBERRIES = "wildberries", _("Wildberries")
    YANDEX_MARKET = "yandex_market", _("Yandex Market")


class Stage(TextChoices):
    """Our status of an assembly task: one set for all marketplaces."""

    WAITING = "waiting", pgettext_lazy("stage", "Waiting")
    NEW = "new", pgettext_lazy("stage", "New")
    ASSEMBLING = "assembling", pgettext_lazy("stage", "Assembling")
    READY = "ready", pgettext_lazy("stage", "Ready")
    DELIVERING = "delivering", pgettext_lazy("stage", "Delivering")
    AT_PICKUP_POINT = "at_pickup_point", pgettext_lazy("stage", "At pick-up point")
    RECEIVED = "received", pgettext_lazy("stage", "Received")
    REJECTED = "rejected", pgettext_lazy("stage", "Rejected")
    CANCELLED = "cancelled", pgettext_lazy("stage", "Cancelled")
    PARTIALLY_RETURNED = "partially_returned", pgettext_lazy("stage", "Partially returned")
    RETURNED = "returned", pgettext_lazy("stage", "Returned")


OPEN_STAGES = (
    Stage.WAITING,
    Stage.NEW,
    Stage.ASSEMBLING,
    Stage.READY,
    Stage.DELIVERING,
    Stage.AT_PICKUP_POINT,
)
CLOSED_STAGES = (Stage.RECEIVED, Stage.REJECTED, Stage.CANCELLED, Stage.PARTIALLY_RETURNED, Stage.RETURNED)


class ActionKind(TextChoices):
    """What we ask a marketplace to do: steps of a task, marking codes (queued by us, not by people), details of an order."""

    CONFIRM = "confirm", pgettext_lazy("action", "Confirm")
    READY = "ready", pgettext_lazy("action", "Packed, ready")
    DELIVER = "deliver", pgettext_lazy("action", "Hand over for delivery")
    ARRIVE = "arrive", pgettext_lazy("action", "Arrived at pick-up point")
    RECEIVE = "receive", pgettext_lazy("action", "Received by the buyer")
    REJECT = "reject", pgettext_lazy("action", "Rejected by the buyer")
    CANCEL = "cancel", pgettext_lazy("action", "Cancel")
    PUT_CODES = "put_codes", pgettext_lazy("action", "Send marking codes")
    DELETE_CODES = "delete_codes", pgettext_lazy("action", "Delete marking codes")
    ACCEPT_CANCEL = "accept_cancel", pgettext_lazy("action", "Accept the buyer's cancellation")
    REFUSE_CANCEL = "refuse_cancel", pgettext_lazy("action", "Refuse the buyer's cancellation")
    MOVE_DATE = "move_date", pgettext_lazy("action", "Move the delivery date")
    EXTEND_STORAGE = "extend_storage", pgettext_lazy("action", "Extend the storage")
    SEND_TRACK = "send_track", pgettext_lazy("action", "Tell the track number")
    SET_NUMBER = "set_number", pgettext_lazy("action", "Set our own number")
    SET_BOXES = "set_boxes", pgettext_lazy("action", "Tell the boxes")
    CHANGE_ITEMS = "change_items", pgettext_lazy("action", "Take items out")
    GIVE_DIGITAL = "give_digital", pgettext_lazy("action", "Send digital keys")


TASK_ACTIONS = (
    ActionKind.CONFIRM,
    ActionKind.READY,
    ActionKind.DELIVER,
    ActionKind.ARRIVE,
    ActionKind.RECEIVE,
    ActionKind.REJECT,
    ActionKind.CANCEL,
)
CODE_ACTIONS = (ActionKind.PUT_CODES, ActionKind.DELETE_CODES)
DETAIL_ACTIONS = (
    ActionKind.ACCEPT_CANCEL,
    ActionKind.REFUSE_CANCEL,
    ActionKind.MOVE_DATE,
    ActionKind.EXTEND_STORAGE,
    ActionKind.SEND_TRACK,
    ActionKind.SET_NUMBER,
    ActionKind.SET_BOXES,
    ActionKind.CHANGE_ITEMS,
    ActionKind.GIVE_DIGITAL,
)


class ActionState(TextChoices):
    QUEUED = "queued", pgettext_lazy("action state", "queued")
    SENDING = "sending", pgettext_lazy("action state", "sending")
    SUCCEEDED = "succeeded", pgettext_lazy("action state", "done")
    UNCERTAIN = "uncertain", pgettext_lazy("action state", "no answer, checking")
    FAILED = "failed", pgettext_lazy("action state", "refused")
    CANCELLED = "cancelled", pgettext_lazy("action state", "stopped")


OPEN_ACTION_STATES = (ActionState.QUEUED, ActionState.SENDING, ActionState.UNCERTAIN)


class CodeKind(TextChoices):
    SGTIN = "sgtin", _("Chestny ZNAK")
    UIN = "uin", _("UIN")
    IMEI = "imei", _("IMEI")
    GTIN = "gtin", _("GTIN")
    GTD = "gtd", _("customs declaration")
    RNPT = "rnpt", _("RNPT")


class CodeState(TextChoices):
    PENDING = "pending", pgettext_lazy("code state", "waiting to be sent")
    SENT = "sent", pgettext_lazy("code state", "taken by the marketplace")
    VERIFIED = "verified", pgettext_lazy("code state", "checked")
    REFUSED = "refused", pgettext_lazy("code state", "refused")
    REMOVED = "removed", pgettext_lazy("code state", "removed")
    RELEASED = "released", pgettext_lazy("code state", "released")


LIVE_CODE_STATES = (CodeState.PENDING, CodeState.SENT, CodeState.VERIFIED, CodeState.REFUSED)


class ScanOutcome(TextChoices):
    ACCEPTED = "accepted", pgettext_lazy("scan", "accepted")
    REPEAT = "repeat", pgettext_lazy("scan", "repeat")
    OPENED = "opened", pgettext_lazy("scan", "opened")
    ASK = "ask", pgettext_lazy("scan", "needs a decision")
    REFUSED = "refused", pgettext_lazy("scan", "refused")


class Source(TextChoices):
    """Who states a fact of the timeline."""

    MARKETPLACE = "marketplace", pgettext_lazy("source", "Marketplace")
    CARRIER = "carrier", pgettext_lazy("source", "Carrier")
    STAFF = "staff", pgettext_lazy("source", "Staff")
    API = "api", pgettext_lazy("source", "API")
    SYSTEM = "system", pgettext_lazy("source", "System")


class EntryKind(TextChoices):
    """Kinds of timeline entries; how each one reads is in ``orders.wording``."""

    ORDER_RECEIVED = "order_received", _("order received")
    ORDER_CHANGED = "order_changed", _("order changed")
    STAGE = "stage", _("stage")
    STATUS = "status", _("marketplace status")
    ASSIGNED = "assigned", _("assigned")
    RELEASED = "released", _("released")
    ACTION_REQUESTED = "action_requested", _("action requested")
    ACTION_DONE = "action_done", _("action done")
    ACTION_FAILED = "action_failed", _("action refused")
    ACTION_UNCERTAIN = "action_uncertain", _("action without an answer")
    ACTION_STOPPED = "action_stopped", _("action stopped")
    CODE_ADDED = "code_added", _("code added")
    CODE_REMOVED = "code_removed", _("code removed")
    CODE_STATE = "code_state", _("code checked")
    CODE_SWAPPED = "code_swapped", _("code swapped back")
    PICKED = "picked", _("all units picked")
    PICK_UNDONE = "pick_undone", _("picked unit taken back")
    SEEN = "seen", _("unit checked by eye")
    SHORTAGE = "shortage", _("shortage reported")
    SHORTAGE_SETTLED = "shortage_settled", _("shortage settled")
    BUYER_KNOWN = "buyer_known", _("buyer known")
    BUYER_SHOWN = "buyer_shown", _("personal data shown")
    DELIVERY_WINDOW = "delivery_window", _("delivery window")
    CANCEL_REQUESTED = "cancel_requested", _("cancellation requested")
    CANCEL_WITHDRAWN = "cancel_withdrawn", _("cancellation no longer requested")
    ITEMS_CHANGED = "items_changed", _("items changed")
    CALLED = "called", _("buyer called")
    TRACKING = "tracking", _("parcel")
    TRACKING_RETRACTED = "tracking_retracted", _("taken back by the carrier")
    SHIPMENT_ATTACHED = "shipment_attached", _("parcel attached")
    SHIPMENT_DETACHED = "shipment_detached", _("parcel detached")
    REACTION = "reaction", _("follows from the parcel")
    NOTE = "note", _("note")


class AttentionKind(TextChoices):
    BAD_ORDER = "bad_order", _("An order could not be read")
    CREDENTIALS = "credentials", _("The marketplace does not accept the credentials")
    ROUTE_GONE = "route_gone", _("A method of the marketplace is gone")
    UNKNOWN_STATUS = "unknown_status", _("The marketplace sent an unknown status")
    CORRECTION = "correction", _("The marketplace took a step back")
    CANCELLED_IN_WORK = "cancelled_in_work", _("Cancelled while it was being assembled")
    ACTION_FAILED = "action_failed", _("The marketplace refused an action")
    CODE_REFUSED = "code_refused", _("A marking code was refused")
    SYNC_FAILING = "sync_failing", _("An account does not answer")
    CANCEL_REQUESTED = "cancel_requested", _("The buyer wants to cancel")
    TRACKING_CORRECTION = "tracking_correction", _("A carrier corrected itself")
    TRACKING_UNKNOWN = "tracking_unknown", _("A carrier sent an unknown status")
    TRACKING_PROBLEM = "tracking_problem", _("A carrier does not know a parcel")
    TRACKING_LOOK = "tracking_look", _("A parcel needs a look")
    DIVERGENCE = "divergence", _("Marketplace and carrier disagree")
    SILENCE = "silence", _("Nothing is heard")
    SHORTAGE = "shortage", _("Goods are missing")


class CallOutcome(TextChoices):
    """What became of a call to a buyer."""

    CALLED = "called", pgettext_lazy("call", "called")
    NO_ANSWER = "no_answer", pgettext_lazy("call", "no answer")
    TALKED = "talked", pgettext_lazy("call", "talked")
    UNAVAILABLE = "unavailable", pgettext_lazy("call", "number unavailable")


class ReactionMode(TextChoices):
    """How far what a carrier says may go by itself."""

    OFF = "off", pgettext_lazy("reactions", "off")
    SUGGEST = "suggest", pgettext_lazy("reactions", "suggest")
    SHADOW = "shadow", pgettext_lazy("reactions", "trial run")
    AUTOMATIC = "automatic", pgettext_lazy("reactions", "automatic")


class ReactionState(TextChoices):
    """Where a reaction is. ``waiting``: for its grace to end; ``shadow``: it would have been done."""

    SUGGESTED = "suggested", pgettext_lazy("reaction", "suggested")
    WAITING = "waiting", pgettext_lazy("reaction", "waits for a correction")
    ACTED = "acted", pgettext_lazy("reaction", "done by itself")
    TAKEN = "taken", pgettext_lazy("reaction", "done by a person")
    REFUSED = "refused", pgettext_lazy("reaction", "not possible")
    STOPPED = "stopped", pgettext_lazy("reaction", "stopped")
    OVERTAKEN = "overtaken", pgettext_lazy("reaction", "overtaken by events")
    SHADOW = "shadow", pgettext_lazy("reaction", "would have been done")


OPEN_REACTION_STATES = (ReactionState.SUGGESTED, ReactionState.WAITING)


class ShortageReason(TextChoices):
    """Why a unit cannot be packed."""

    OUT_OF_STOCK = "out_of_stock", pgettext_lazy("shortage", "not on the shelf")
    DAMAGED = "damaged", pgettext_lazy("shortage", "damaged")
    WRONG_PLACE = "wrong_place", pgettext_lazy("shortage", "something else in its place")
    NO_CODE = "no_code", pgettext_lazy("shortage", "marking code missing or unreadable")


class Severity(TextChoices):
    INFO = "info", _("for information")
    WARNING = "warning", _("soon")
    URGENT = "urgent", _("now")
