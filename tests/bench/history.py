"""Two shops after some months, as SQL: every other order is of Yandex Market, the others are of Wildberries.

``plan`` has a row a task; ``buyers``, ``known`` and ``goods`` are small tables of what orders repeat (``data`` fills them).
"""

from __future__ import annotations

#: One row a task. The newest twentieth of the orders is open; of Wildberries one order in ten has a second task. ``n`` is
#: the order of ``known`` that a Yandex order looks like: one in four of them goes to a pick-up point.
PLAN = """
CREATE TEMP TABLE plan AS
SELECT id, order_id, yandex, n, created, now - order_id %% 100 * interval '1 minute' AS changed, open, stage,
       date_trunc('hour', created + interval '12 days') AS deadline,
       CASE WHEN yandex THEN %(yandex)s ELSE %(account)s END AS account_id,
       CASE WHEN yandex THEN (7000000000 + id)::text ELSE 100000000 + id || '_' || md5(id::text) END AS number,
       CASE WHEN yandex THEN (7000000000 + id)::text ELSE (2000000000 + id)::text END AS task_number,
       CASE WHEN yandex THEN
            CASE stage WHEN 'waiting' THEN '{"status": "UNPAID", "substatus": "WAITING_USER_INPUT"}'
                       WHEN 'ready' THEN '{"status": "PROCESSING", "substatus": "READY_TO_SHIP"}'
                       WHEN 'delivering' THEN '{"status": "DELIVERY", "substatus": "DELIVERY_SERVICE_RECEIVED"}'
                       WHEN 'at_pickup_point' THEN '{"status": "PICKUP", "substatus": "PICKUP_SERVICE_RECEIVED"}'
                       WHEN 'received' THEN '{"status": "DELIVERED", "substatus": "DELIVERY_SERVICE_DELIVERED"}'
                       WHEN 'returned' THEN '{"status": "RETURNED", "substatus": "DELIVERY_SERVICE_DELIVERED"}'
                       WHEN 'rejected' THEN '{"status": "CANCELLED", "substatus": "USER_REFUSED_PRODUCT"}'
                       WHEN 'cancelled' THEN '{"status": "CANCELLED", "substatus": "USER_CHANGED_MIND"}'
                       ELSE '{"status": "PROCESSING", "substatus": "STARTED"}' END
            ELSE json_build_object('supplierStatus',
                 CASE stage WHEN 'new' THEN 'new' WHEN 'assembling' THEN 'confirm' WHEN 'ready' THEN 'confirm'
                            WHEN 'delivering' THEN 'deliver' WHEN 'received' THEN 'receive'
                            WHEN 'rejected' THEN 'reject' ELSE 'cancel' END, 'wbStatus', 'waiting')::text
            END::jsonb AS words,
       NOT yandex AND id %% 5 <> 0 AS marked,
       yandex AND order_id %% 42 = 5 AND id <> %(rich_yandex)s AS is_test,
       yandex AND stage IN ('delivering', 'at_pickup_point') AND order_id %% 6 = 1 AS wish
FROM (
  SELECT id, order_id, now, order_id > %(orders)s - %(open)s AS open, yandex,
         CASE WHEN id = %(rich_yandex)s THEN 0 ELSE n END AS n,
         now - (%(orders)s - order_id) * (interval '200 days' / %(orders)s) AS created,
         CASE WHEN order_id <= %(orders)s - %(open)s THEN
                   CASE WHEN yandex AND order_id %% 50 = 13 THEN 'returned'
                   ELSE (ARRAY['received', 'received', 'received', 'rejected', 'cancelled'])[order_id %% 5 + 1] END
              WHEN yandex AND order_id %% 5 = 4 AND n %% 4 = 2 THEN 'at_pickup_point'
              WHEN yandex AND order_id %% 30 = 5 THEN 'waiting'
              ELSE (ARRAY['new', 'assembling', 'new', 'ready', 'delivering'])[order_id %% 5 + 1] END AS stage
  FROM (
    SELECT id, order_id, now, order_id %% 2 = 1 AS yandex, order_id / 2 %% %(cycle)s AS n
    FROM (
      SELECT i AS id, CASE WHEN i <= %(orders)s THEN i ELSE (i - %(orders)s) * 20 END AS order_id,
             %(now)s::timestamptz AS now
      FROM generate_series(1, %(orders)s + %(orders)s / 20) AS i
    ) AS numbered
  ) AS shared
) AS staged
"""

ORDERS = """
INSERT INTO orders_order (id, account_id, external_id, stage, delivery_type, window_from, window_to, deadline_at,
                          is_business, is_test, data, created_at, recorded_at, updated_at)
SELECT id, account_id, number, stage, coalesce(known.delivery_type, 'dbs'),
       CASE WHEN yandex THEN deadline - interval '4 hours' END, CASE WHEN yandex THEN deadline END, deadline,
       coalesce(known.is_business, false), is_test, coalesce(known.data, '{}'), created, created, changed
FROM plan LEFT JOIN known ON yandex AND known.n = plan.n WHERE id <= %(orders)s
"""

TASKS = """
INSERT INTO orders_assemblytask (id, order_id, account_id, external_id, stage, marketplace_status, delivery_type,
                                 code_kinds, required_kinds, deadline_at, created_at, recorded_at, updated_at, closed_at,
                                 assignee_id, raw_digest, version, is_test, moved_at, said_at, cancel_requested_at)
SELECT id, order_id, account_id, task_number, stage, words, coalesce(known.delivery_type, 'dbs'),
       coalesce(known.code_kinds, CASE WHEN marked THEN '["sgtin"]' ELSE '[]' END::jsonb),
       coalesce(known.required_kinds, CASE WHEN marked THEN '["sgtin"]' ELSE '[]' END::jsonb),
       deadline, created, created, changed, CASE WHEN open THEN NULL ELSE changed END,
       CASE WHEN stage = 'assembling' THEN %(picker)s END, md5('raw' || id), 3, is_test, changed,
       CASE WHEN yandex THEN changed END, CASE WHEN wish THEN changed END
FROM plan LEFT JOIN known ON yandex AND known.n = plan.n
"""

#: The first line of a task has three times its id, and the others follow.
ITEMS = """
INSERT INTO orders_taskitem (id, task_id, external_id, article, name, barcodes, quantity, price, final_price, currency,
                             converted_price, converted_final_price, converted_currency, data)
SELECT id * 3, id, (300000000 + id %% 5000)::text, 'shop-' || id %% 5000, '',
       json_build_array('46' || lpad((id %% 5000)::text, 11, '0'))::jsonb, 1, 10 + id %% 90000 / 100.0,
       9 + id %% 90000 / 100.0, 'RUB', 10 + id %% 90000 / 100.0, 9 + id %% 90000 / 100.0, 'RUB',
       '{"chrt_id": "987654321", "color": "RAL 3017"}'
FROM plan WHERE NOT yandex
"""

YANDEX_ITEMS = """
INSERT INTO orders_taskitem (id, task_id, external_id, article, name, barcodes, quantity, price, final_price, currency,
                             converted_currency, code_kinds, required_kinds, data)
SELECT id * 3 + line, id, (400000000 + id * 3 + line)::text, article, name, '[]', quantity, price, final_price, currency,
       '', code_kinds, required_kinds, data
FROM plan JOIN goods ON goods.n = plan.n WHERE yandex
"""

CODES = """
INSERT INTO orders_markingcode (task_id, item_id, unit, kind, value, identity, country, state, detail, echo,
                                created_by_id, created_at, changed_at)
SELECT id, id * 3, 1, 'sgtin', '010460043993125621' || lpad(id::text, 13, '0') || chr(29) || '91FFD0' || chr(29) || '92sG',
       '010460043993125621' || lpad(id::text, 13, '0'), '', 'verified', 'sgtinIntroduced', '{}', %(picker)s, changed, changed
FROM plan WHERE marked AND stage NOT IN ('new', 'cancelled', 'rejected') AND id <> %(rich)s
"""

#: A code of each unit of a line that needs one, of the kind it needs.
YANDEX_CODES = """
INSERT INTO orders_markingcode (task_id, item_id, unit, kind, value, identity, country, state, detail, echo,
                                created_by_id, created_at, changed_at)
SELECT id, item, unit, kind, value || CASE kind WHEN 'sgtin' THEN chr(29) || '93Zjqw' ELSE '' END, value,
       CASE WHEN kind IN ('gtd', 'rnpt') THEN '156' ELSE '' END, 'sent', '',
       CASE kind WHEN 'sgtin' THEN jsonb_build_object('cis', value, 'cisFull', value || chr(29) || '93Zjqw')
                 ELSE jsonb_build_object(kind, value) END, %(picker)s, changed, changed
FROM (
  SELECT *, CASE kind WHEN 'sgtin' THEN '010460043993125621Y' || lpad((item * 4 + unit)::text, 12, '0')
                      WHEN 'uin' THEN lpad((item * 4 + unit)::text, 16, '0')
                      WHEN 'gtd' THEN '10704010/010624/' || lpad((item %% 10000000)::text, 7, '0')
                      ELSE '10704010/010624/' || lpad((item %% 10000000)::text, 7, '0') || '/001' END AS value
  FROM (
    SELECT id, id * 3 + line AS item, unit, required_kinds ->> 0 AS kind, changed
    FROM plan JOIN goods ON goods.n = plan.n CROSS JOIN generate_series(1, quantity) AS unit
    WHERE yandex AND required_kinds <> '[]' AND id <> %(rich_yandex)s
          AND stage NOT IN ('waiting', 'new', 'cancelled', 'rejected', 'returned')
  ) AS units
) AS marks
"""

#: Wildberries tells a buyer once his order is confirmed, Yandex Market as soon as it is paid.
BUYERS = """
INSERT INTO orders_buyer (order_id, name, phones, address, comment, handover, updated_at)
SELECT id, CASE WHEN told THEN name END, CASE WHEN told THEN phones END, address, comment,
       CASE WHEN delivery_type = 'PICKUP' THEN handover END, changed
FROM (
  SELECT id, plan.n, yandex, changed, CASE WHEN yandex THEN stage <> 'waiting' ELSE stage <> 'new' END AS told
  FROM plan WHERE id <= %(orders)s
) AS bought
JOIN buyers ON buyers.n = id %% %(pool)s AND buyers.yandex = bought.yandex
LEFT JOIN known ON bought.yandex AND known.n = bought.n
"""

WISHES = """
INSERT INTO orders_attention (kind, severity, key, account_id, order_id, task_id, facts, count, opened_at, last_seen_at, note)
SELECT 'cancel_requested', 'urgent', 'cancel_requested:task:' || id, account_id, order_id, id,
       jsonb_build_object('until', changed + interval '48 hours'), 1, changed, changed, ''
FROM plan WHERE wish
"""

#: In the order in which things happened, as the application would have written them.
TIMELINE = """
INSERT INTO orders_timelineentry (order_id, task_id, source, kind, code, status, data, happened_at, recorded_at,
                                  actor_id, correction, dedupe_key)
SELECT id, id, source, kind,
       CASE WHEN kind = 'stage' THEN CASE WHEN yandex THEN '' ELSE 'confirm / waiting' END ELSE '' END,
       CASE WHEN kind = 'stage' THEN 'assembling' WHEN kind LIKE 'action%%' THEN 'confirm' ELSE '' END,
       CASE WHEN kind = 'stage' THEN '{"from": "new"}' WHEN kind LIKE 'action%%' THEN '{"action": 1, "kind": "confirm"}'
            WHEN kind = 'code_added' THEN '{"kind": "sgtin", "unit": 1, "of": 1, "article": "shop-1"}'
            ELSE '{}' END::jsonb,
       happened, happened + interval '2 seconds', CASE WHEN source = 'staff' THEN %(picker)s::bigint END,
       false, md5(id || ':' || k)
FROM (
  SELECT id, k, yandex, created + k * interval '20 minutes' AS happened,
         CASE WHEN yandex AND k %% 6 = 3 THEN 'order_changed' ELSE
         (ARRAY['order_received', 'action_requested', 'action_done', 'stage', 'code_added', 'buyer_known'])[(k - 1) %% 6 + 1]
         END AS kind,
         (ARRAY['marketplace', 'staff', 'marketplace', 'marketplace', 'staff', 'marketplace'])[(k - 1) %% 6 + 1] AS source
  FROM plan CROSS JOIN generate_series(1, CASE WHEN plan.id IN (%(rich)s, %(rich_yandex)s) THEN %(most)s ELSE %(each)s END) AS k
  WHERE id <= %(orders)s
) AS told ORDER BY happened
"""

STEPS = (ORDERS, TASKS, ITEMS, YANDEX_ITEMS, CODES, YANDEX_CODES, BUYERS, WISHES, TIMELINE)
