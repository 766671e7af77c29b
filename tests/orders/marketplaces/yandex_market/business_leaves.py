"""Every leaf of BusinessOrderDTO (contract appendix B) with a value of its own and where it ends up."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from orders.enums import CodeKind

from .shapes import MOSCOW, Leaf

ORDER = (
    Leaf("orderId", 9007199254740993, "external_id", "9007199254740993"),
    Leaf("campaignId", 7100001, "facts.campaign", "7100001"),
    Leaf("programType", "DBS", "facts.program", "DBS"),
    Leaf("externalOrderId", "WEB-10023", "facts.own_number", "WEB-10023"),
    Leaf("status", "PROCESSING", "words.status", "PROCESSING"),
    Leaf("substatus", "STARTED", "words.substatus", "STARTED"),
    Leaf("creationDate", "2022-09-23T09:12:41+03:00", "created_at", datetime(2022, 9, 23, 6, 12, 41, tzinfo=UTC)),
    Leaf("updateDate", "2022-09-24T07:13:42Z", "updated_at", datetime(2022, 9, 24, 7, 13, 42, tzinfo=UTC)),
    Leaf("paymentType", "POSTPAID", "facts.payment_type", "POSTPAID"),
    Leaf("paymentMethod", "SBP", "facts.payment_method", "SBP"),
    Leaf("fake", True, "is_test", True),
    Leaf("buyerType", "BUSINESS", "is_business", True),
    Leaf("notes", "Позвонить за час", "comment", "Позвонить за час"),
    Leaf("cancelRequested", True, "cancel_requested", True),
    Leaf("sourcePlatform", "OTHER", "facts.platform", "OTHER"),
    Leaf("services.liftType", "ELEVATOR", "facts.delivery.lift", "ELEVATOR"),
    Leaf("prices.payment.value", 701.5, "facts.totals.items", "701.5"),
    Leaf("prices.payment.currencyId", "RUR", "facts.totals.currency", "RUB"),
    Leaf("prices.subsidy.value", 702.5, "facts.totals.subsidy", "702.5"),
    Leaf("prices.subsidy.currencyId", "RUR", "facts.totals.currency", "RUB"),
    Leaf("prices.cashback.value", 703.5, "facts.totals.cashback", "703.5"),
    Leaf("prices.cashback.currencyId", "RUR", "facts.totals.currency", "RUB"),
    Leaf("prices.delivery.payment.value", 704.5, "facts.totals.delivery", "1410"),
    Leaf("prices.delivery.payment.currencyId", "RUR", "facts.totals.currency", "RUB"),
    Leaf("prices.delivery.subsidy.value", 705.5, "facts.totals.delivery_subsidy", "705.5"),
    Leaf("prices.delivery.subsidy.currencyId", "RUR", "facts.totals.currency", "RUB"),
    Leaf("prices.delivery.vat", "VAT_07", "facts.delivery.vat", "VAT_07"),
)
ITEM = (
    Leaf("items[0].id", 8801, "items.0.external_id", "8801"),
    Leaf("items[0].offerId", "ART-1", "items.0.article", "ART-1"),
    Leaf("items[0].offerName", "Чайник «Гжель»", "items.0.name", "Чайник «Гжель»"),
    Leaf("items[0].count", 3, "items.0.quantity", 3),
    Leaf("items[0].prices.payment.value", 303.78, "items.0.final_price.amount", Decimal("108.26")),
    Leaf("items[0].prices.payment.currencyId", "RUR", "items.0.final_price.currency", "RUB"),
    Leaf("items[0].prices.subsidy.value", 43.5, "items.0.facts.subsidy", "14.5"),
    Leaf("items[0].prices.subsidy.currencyId", "RUR", "items.0.price.currency", "RUB"),
    Leaf("items[0].prices.cashback.value", 21.0, "items.0.facts.cashback", "7"),
    Leaf("items[0].prices.cashback.currencyId", "RUR", "items.0.price.currency", "RUB"),
    Leaf("items[0].prices.vat", "VAT_22", "items.0.facts.vat", "VAT_22"),
    Leaf("items[0].instances[0].cis", "01\x1d", "items.0.facts.instances.0.cis", "01\x1d"),
    Leaf("items[0].instances[0].cisFull", "01\x1d93\x1d", "items.0.facts.instances.0.cis_full", "01\x1d93\x1d"),
    Leaf("items[0].instances[0].uin", "1234567890123456", "items.0.facts.instances.0.uin", "1234567890123456"),
    Leaf("items[0].instances[0].rnpt", "1/2/3/4", "items.0.facts.instances.0.rnpt", "1/2/3/4"),
    Leaf("items[0].instances[0].gtd", "1/2/3", "items.0.facts.instances.0.gtd", "1/2/3"),
    Leaf("items[0].instances[0].countryCode", "CN", "items.0.facts.instances.0.country", "CN"),
    Leaf("items[0].requiredInstanceTypes[0]", "CIS_OPTIONAL", "items.0.required_kinds.0", CodeKind.SGTIN),
    Leaf("items[0].itemStatuses[0].status", "SHIPPED", "items.0.facts.states.0.status", "SHIPPED"),
    Leaf("items[0].itemStatuses[0].count", 2, "items.0.facts.states.0.count", 2),
    Leaf("items[0].tags[0]", "ULTIMA", "items.0.facts.tags.0", "ULTIMA"),
)
BOX = "delivery.boxesLayout[0]"
OUR_BOX = "facts.delivery.boxes.0"
DELIVERY = (
    Leaf("delivery.type", "DELIVERY", "delivery_type", "DELIVERY"),
    Leaf("delivery.serviceName", "Своя служба", "facts.delivery.service", "Своя служба"),
    Leaf("delivery.deliveryServiceId", 139, "facts.delivery.service_id", "139"),
    Leaf("delivery.warehouseId", "W-3", "facts.delivery.warehouse", "W-3"),
    Leaf("delivery.deliveryPartnerType", "SHOP", "facts.delivery.partner", "SHOP"),
    Leaf("delivery.dispatchType", "BUYER", "facts.delivery.dispatch", "BUYER"),
    Leaf("delivery.dates.fromDate", "2022-09-27", "window.start", datetime(2022, 9, 27, 10, tzinfo=MOSCOW)),
    Leaf("delivery.dates.toDate", "2022-09-28", "window.end", datetime(2022, 9, 28, 18, tzinfo=MOSCOW)),
    Leaf("delivery.dates.fromTime", "10:00", "facts.delivery.dates.from_time", "10:00"),
    Leaf("delivery.dates.toTime", "18:00:00", "facts.delivery.dates.to_time", "18:00"),
    Leaf("delivery.dates.realDeliveryDate", "2022-09-29", "facts.delivery.dates.real", "2022-09-29"),
    Leaf("delivery.shipment.id", 551, "facts.delivery.parcels.0.id", "551"),
    Leaf("delivery.shipment.shipmentDate", "2022-09-26", "facts.delivery.parcels.0.date", "2022-09-26"),
    Leaf("delivery.shipment.shipmentTime", "16:30:00", "deadline_at", datetime(2022, 9, 26, 16, 30, tzinfo=MOSCOW)),
    Leaf("delivery.transfer.courier.fullName", "Кузнецов К.", "handover.courier.name", "Кузнецов К."),
    Leaf("delivery.transfer.courier.phone", "+79990000001", "handover.courier.phone", "+79990000001"),
    Leaf("delivery.transfer.courier.phoneExtension", "4711", "handover.courier.extension", "4711"),
    Leaf("delivery.transfer.courier.vehicleNumber", "А001АА77", "facts.delivery.vehicle_number", "А001АА77"),
    Leaf("delivery.transfer.courier.vehicleDescription", "Белая Лада", "facts.delivery.vehicle", "Белая Лада"),
    Leaf("delivery.transfer.eac.eacType", "COURIER_TO_MERCHANT", "facts.delivery.eac_type", "COURIER_TO_MERCHANT"),
    Leaf("delivery.transfer.eac.eacCode", "9281", "handover.eac_code", "9281"),
    Leaf(f"{BOX}.items[0].id", 8801, f"{OUR_BOX}.items.0.item", "8801"),
    Leaf(f"{BOX}.items[0].fullCount", 2, f"{OUR_BOX}.items.0.count", 2),
    Leaf(f"{BOX}.items[0].partialCount.current", 4, f"{OUR_BOX}.items.0.part", 4),
    Leaf(f"{BOX}.items[0].partialCount.total", 5, f"{OUR_BOX}.items.0.parts", 5),
    Leaf(f"{BOX}.items[0].instances[0].cis", "02\x1d", f"{OUR_BOX}.items.0.instances.0.cis", "02\x1d"),
    Leaf(
        f"{BOX}.items[0].instances[0].uin", "6543210987654321", f"{OUR_BOX}.items.0.instances.0.uin", "6543210987654321"
    ),
    Leaf(f"{BOX}.items[0].instances[0].rnpt", "5/6/7/8", f"{OUR_BOX}.items.0.instances.0.rnpt", "5/6/7/8"),
    Leaf(f"{BOX}.items[0].instances[0].gtd", "5/6/7", f"{OUR_BOX}.items.0.instances.0.gtd", "5/6/7"),
    Leaf(f"{BOX}.items[0].instances[0].countryCode", "TR", f"{OUR_BOX}.items.0.instances.0.country", "TR"),
    Leaf(f"{BOX}.boxId", 331, f"{OUR_BOX}.id", "331"),
    Leaf(f"{BOX}.barcode", "1-1", f"{OUR_BOX}.number", "1-1"),
    Leaf("delivery.tracks[0].trackCode", "80123", "facts.delivery.tracks.0.code", "80123"),
    Leaf("delivery.tracks[0].deliveryServiceId", 140, "facts.delivery.tracks.0.service", "140"),
    Leaf("delivery.estimated", True, "facts.delivery.estimated", True),
    Leaf("delivery.receiveBarcode", "HBM-9283", "handover.receive_barcode", "HBM-9283"),
    Leaf("delivery.receiveCode", "9282", "handover.receive_code", "9282"),
    Leaf("delivery.digitalGoods.type", "STEAM_GIFT", "facts.delivery.digital", "STEAM_GIFT"),
    Leaf("delivery.digitalGoods.steamLink", "https://s.team/p/x", "handover.digital_link", "https://s.team/p/x"),
)
#: A pick-up point has no region in another table of the same order: one of the two is there.
OUTLET = (
    Leaf("delivery.pickup.logisticPointId", 771, "facts.delivery.point", "771"),
    Leaf("delivery.pickup.outletCode", "O-7", "facts.delivery.outlet", "O-7"),
    Leaf("delivery.pickup.outletStorageLimitDate", "2022-09-30", "facts.delivery.storage_until", "2022-09-30"),
)


def where(side: str) -> tuple[Leaf, ...]:
    """Address and region of ``courier`` or ``pickup``."""
    parts = ("country", "postcode", "city", "district", "subway", "street", "house", "block")
    inside = ("entrance", "entryphone", "floor", "apartment")
    address = f"delivery.{side}.address"
    return (
        *(Leaf(f"{address}.{part}", f"{part}-1", f"address.parts.{part}", f"{part}-1") for part in (*parts, *inside)),
        Leaf(f"{address}.gps.latitude", 55.7361, "address.latitude", 55.7361),
        Leaf(f"{address}.gps.longitude", 37.5931, "address.longitude", 37.5931),
        Leaf(f"delivery.{side}.region.id", 213, "facts.delivery.region.0.id", "213"),
        Leaf(f"delivery.{side}.region.name", "Москва", "facts.delivery.region.0.name", "Москва"),
        Leaf(f"delivery.{side}.region.type", "CITY", "facts.delivery.region.0.type", "CITY"),
        Leaf(f"delivery.{side}.region.parent.id", 225, "facts.delivery.region.1.id", "225"),
        Leaf(f"delivery.{side}.region.parent.name", "Россия", "facts.delivery.region.1.name", "Россия"),
        Leaf(f"delivery.{side}.region.parent.type", "COUNTRY", "facts.delivery.region.1.type", "COUNTRY"),
    )


COURIER_LEAVES = (*ORDER, *ITEM, *DELIVERY, *where("courier"))
PICKUP_LEAVES = (*ORDER, *ITEM, *DELIVERY, *where("pickup"), *OUTLET)
