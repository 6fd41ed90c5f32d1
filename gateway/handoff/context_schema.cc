// The published schemas of what is known of a customer.
#include "gateway/handoff/context.h"

namespace baton::handoff {

std::string_view context_answer_schema() {
  return R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "context.answer.schema.json",
  "title": "What a connector's read_context answers",
  "type": "object", "additionalProperties": false,
  "definitions": {
    "text": {"type": "string", "minLength": 1},
    "day": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}"},
    "charge": {"type": "object", "additionalProperties": false, "required": ["amount", "currency"], "properties": {
      "id": {"$ref": "#/definitions/text"}, "amount": {"type": "number"}, "currency": {"$ref": "#/definitions/text"},
      "at": {"$ref": "#/definitions/day"}, "status": {"$ref": "#/definitions/text"},
      "reason": {"$ref": "#/definitions/text"}, "url": {"$ref": "#/definitions/text"}}},
    "unfinished": {"type": "object", "additionalProperties": false, "required": ["amount", "currency"], "properties": {
      "id": {"$ref": "#/definitions/text"}, "amount": {"type": "number"}, "currency": {"$ref": "#/definitions/text"},
      "at": {"$ref": "#/definitions/day"}, "status": {"$ref": "#/definitions/text"},
      "code": {"$ref": "#/definitions/text"}, "decline_code": {"$ref": "#/definitions/text"},
      "reason": {"$ref": "#/definitions/text"}, "customer_can": {"$ref": "#/definitions/text"},
      "url": {"$ref": "#/definitions/text"}}},
    "ticket": {"type": "object", "additionalProperties": false, "required": ["id"], "properties": {
      "id": {"$ref": "#/definitions/text"}, "title": {"$ref": "#/definitions/text"},
      "status": {"$ref": "#/definitions/text"}, "at": {"$ref": "#/definitions/day"},
      "url": {"$ref": "#/definitions/text"}}}
  },
  "properties": {
    "account": {"type": "object", "additionalProperties": false, "properties": {
      "id": {"$ref": "#/definitions/text"}, "name": {"$ref": "#/definitions/text"}, "url": {"$ref": "#/definitions/text"},
      "tier": {"$ref": "#/definitions/text"}, "owner": {"$ref": "#/definitions/text"}, "value": {"type": "number"},
      "currency": {"$ref": "#/definitions/text"}, "open_value": {"type": "number"},
      "renewal_date": {"$ref": "#/definitions/day"}, "health": {"$ref": "#/definitions/text"},
      "at_risk": {"type": "boolean"}}},
    "people": {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {
      "id": {"$ref": "#/definitions/text"}, "name": {"$ref": "#/definitions/text"}, "email": {"$ref": "#/definitions/text"},
      "role": {"$ref": "#/definitions/text"}, "url": {"$ref": "#/definitions/text"}}}},
    "money": {"type": "object", "additionalProperties": false, "properties": {
      "plan": {"$ref": "#/definitions/text"}, "status": {"$ref": "#/definitions/text"},
      "currency": {"$ref": "#/definitions/text"}, "balance": {"type": "number"}, "renews_at": {"$ref": "#/definitions/day"},
      "ends_at": {"$ref": "#/definitions/day"},
      "last_payments": {"type": "array", "items": {"$ref": "#/definitions/charge"}},
      "failed_charges": {"type": "array", "items": {"$ref": "#/definitions/charge"}},
      "unfinished_payments": {"type": "array", "items": {"$ref": "#/definitions/unfinished"},
        "description": "that wait for the customer and never became a charge"},
      "open_invoices": {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {
        "id": {"$ref": "#/definitions/text"}, "number": {"$ref": "#/definitions/text"}, "amount": {"type": "number"},
        "currency": {"$ref": "#/definitions/text"}, "due": {"$ref": "#/definitions/day"}, "overdue": {"type": "boolean"},
        "next_try": {"$ref": "#/definitions/day"}, "tries": {"type": "integer", "minimum": 0},
        "code": {"$ref": "#/definitions/text"}, "decline_code": {"$ref": "#/definitions/text"},
        "reason": {"$ref": "#/definitions/text"}, "customer_can": {"$ref": "#/definitions/text"},
        "url": {"$ref": "#/definitions/text"}}}},
      "disputes": {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {
        "id": {"$ref": "#/definitions/text"}, "amount": {"type": "number"}, "currency": {"$ref": "#/definitions/text"},
        "reason": {"$ref": "#/definitions/text"}, "status": {"$ref": "#/definitions/text"},
        "at": {"$ref": "#/definitions/day"}, "due": {"$ref": "#/definitions/day"},
        "url": {"$ref": "#/definitions/text"}}}}}},
    "history": {"type": "object", "additionalProperties": false, "properties": {
      "open_tickets": {"type": "array", "items": {"$ref": "#/definitions/ticket"}},
      "recent_tickets": {"type": "array", "items": {"$ref": "#/definitions/ticket"}},
      "contacts_7d": {"type": "integer", "minimum": 0}, "contacts_14d": {"type": "integer", "minimum": 0}}},
    "known_bugs": {"type": "array", "items": {"type": "object", "additionalProperties": false, "properties": {
      "id": {"$ref": "#/definitions/text"}, "title": {"$ref": "#/definitions/text"}, "status": {"$ref": "#/definitions/text"},
      "url": {"$ref": "#/definitions/text"}, "customers": {"type": "integer", "minimum": 0}}}},
    "missing": {"type": "array", "items": {"type": "object", "additionalProperties": false,
      "required": ["part", "why"], "properties": {
        "part": {"$ref": "#/definitions/text"}, "why": {"$ref": "#/definitions/text"}}}},
    "chosen": {"type": "object", "additionalProperties": false, "required": ["id", "why"], "properties": {
      "id": {"$ref": "#/definitions/text"}, "why": {"$ref": "#/definitions/text"}}},
    "matches": {"type": "integer", "minimum": 0, "description": "how many customers bear the e-mail address"}
  }
})json";
}

std::string_view context_schema() {
  return R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "$id": "context.schema.json",
  "title": "What all destinations together know of a customer",
  "type": "object", "additionalProperties": false,
  "required": ["account", "people", "money", "history", "known_bugs", "sources"],
  "definitions": {
    "state": {"enum": ["present", "stale", "missing", "failed"]},
    "value": {"type": "object", "additionalProperties": false, "required": ["state"], "properties": {
      "value": {"type": ["string", "number", "boolean"]}, "source": {"type": "string"}, "at": {"type": "string"},
      "state": {"$ref": "#/definitions/state"}, "why": {"type": "string"}}},
    "list": {"type": "object", "additionalProperties": false, "required": ["items", "state"], "properties": {
      "items": {"type": "array", "items": {"type": "object", "required": ["source", "read_at", "state"], "properties": {
        "source": {"type": "string"}, "read_at": {"type": "string"}, "state": {"enum": ["present", "stale"]}}}},
      "at": {"type": "string", "description": "when the oldest of them was read"},
      "state": {"$ref": "#/definitions/state"}, "why": {"type": "string"}}}
  },
  "properties": {
    "account": {"type": "object", "additionalProperties": {"$ref": "#/definitions/value"}},
    "people": {"$ref": "#/definitions/list"},
    "money": {"type": "object", "additionalProperties": {
      "anyOf": [{"$ref": "#/definitions/value"}, {"$ref": "#/definitions/list"}]}},
    "history": {"type": "object", "additionalProperties": {
      "anyOf": [{"$ref": "#/definitions/value"}, {"$ref": "#/definitions/list"}]}},
    "known_bugs": {"$ref": "#/definitions/list"},
    "sources": {"type": "array", "items": {"type": "object", "additionalProperties": false,
      "required": ["name", "state"], "properties": {
        "name": {"type": "string"}, "state": {"enum": ["expected", "present", "late", "failed"]},
        "at": {"type": "string"}, "why": {"type": "string"}, "missing": {"type": "array"}, "chosen": {"type": "object"},
        "matches": {"type": "integer", "minimum": 0}}}}
  }
})json";
}

}  // namespace baton::handoff
