#include "gateway/api/shapes.h"

#include <string>
#include <vector>

namespace baton::api {
namespace {

using nlohmann::json;

constexpr auto kAnswers = R"json({
  "Problem": {
    "type": "object", "required": ["type", "title", "status", "detail", "code"],
    "properties": {
      "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
      "detail": {"type": "string"}, "code": {"type": "string", "description": "stable, for programs"},
      "trace_id": {"type": "string"},
      "errors": {"type": "array", "items": {"type": "object", "required": ["pointer", "code", "detail"], "properties": {
        "pointer": {"type": "string"}, "code": {"type": "string"}, "detail": {"type": "string"}}}}}},

  "Handoff": {
    "type": "object",
    "required": ["id", "workspace", "source", "conversation", "state", "priority", "requested_at", "sequence", "rule", "team"],
    "properties": {
      "id": {"type": "string"}, "workspace": {"type": "string"}, "source": {"type": "string"},
      "conversation": {"type": "string"},
      "state": {"enum": ["received", "planned", "waiting", "claimed", "active", "resolved", "returned", "cancelled", "expired", "failed"]},
      "priority": {"enum": ["low", "normal", "high", "urgent"]},
      "requested_at": {"$ref": "#/components/schemas/Time"},
      "sequence": {"type": "integer", "minimum": 1, "description": "the how-manieth of its conversation"},
      "rule": {"type": "string"}, "team": {"type": "string"}, "previous": {"type": "string"},
      "feedback": {"type": "array", "items": {"type": "object", "required": ["at", "who", "fault", "text"], "properties": {
        "at": {"$ref": "#/components/schemas/Time"}, "who": {"type": "string"}, "fault": {"type": "string"},
        "text": {"type": "string"}}}},
      "ratings": {"type": "array", "items": {"type": "object", "required": ["at", "score", "scale", "text"], "properties": {
        "at": {"$ref": "#/components/schemas/Time"}, "score": {"type": "number"}, "scale": {"enum": ["thumbs", "stars", "nps"]},
        "phase": {"enum": ["ai", "human"]}, "text": {"type": "string"}}}},
      "confidential": {"const": true, "description": "only members of a team who may see its topic read more of it"},
      "bounces": {"type": "integer", "description": "how often its conversation was handed over within a short time"},
      "owner": {"type": "object", "required": ["id", "name"], "properties": {"id": {"type": "string"}, "name": {"type": "string"}}},
      "ticket": {"$ref": "#/components/schemas/Receipt"}}},
  "Handoffs": {"type": "object", "required": ["handoffs"], "properties": {
    "handoffs": {"type": "array", "items": {"$ref": "#/components/schemas/Handoff"}}}},
  "HandoffWithData": {"type": "object", "required": ["data"], "properties": {
    "data": {"type": "object", "description": "the event's, with its updates merged in"},
    "context": {"type": "object", "additionalProperties": {
      "type": "object", "required": ["state", "found", "reason", "at"], "properties": {
        "state": {"enum": ["expected", "present", "late", "failed"]}, "found": {},
        "reason": {"type": "string"}, "at": {"$ref": "#/components/schemas/Time"}}}}}},
  "Accepted": {"type": "object", "required": ["accepted"], "properties": {"accepted": {"type": "string"}}},
  "Brief": {
    "type": "object", "required": ["headline", "who", "wanted", "went_wrong", "tried", "next", "completeness", "missing"],
    "properties": {
      "headline": {"type": "string"}, "who": {"type": "string"}, "wanted": {"type": "string"},
      "went_wrong": {"type": "string"}, "tried": {"type": "string"}, "next": {"type": "string"},
      "given": {"type": "string", "description": "what the customer gave already"},
      "considered": {"type": "string"}, "known_bug": {"type": "string"},
      "account": {"type": "string"}, "money": {"type": "string"}, "history": {"type": "string"},
      "also": {"type": "string", "description": "other topics of the conversation"},
      "mood": {"type": "string"}, "where": {"type": "string"},
      "opening": {"type": "string", "description": "a first line to the customer, in their language"},
      "not_known": {"type": "string"},
      "category": {"enum": ["other", "billing", "cancellation", "technical", "access", "delivery", "sales", "privacy"]},
      "identifiers": {"type": "array", "items": {"type": "object", "required": ["kind", "value", "from"], "properties": {
        "kind": {"type": "string"}, "value": {"type": "string"}, "from": {"enum": ["event", "transcript"]}}}},
      "topics": {"type": "array", "items": {"type": "object", "required": ["about", "words"], "properties": {
        "about": {"type": "string"}, "words": {"type": "string"}}}},
      "text": {"type": "string", "description": "all of it, a labelled line each; the first 600 bytes are enough to answer"},
      "by_source": {"type": "array", "items": {"type": "object", "required": ["source", "percent"], "properties": {
        "source": {"type": "string"}, "percent": {"type": "integer", "minimum": 0, "maximum": 100}}}},
      "context": {"type": "object", "description": "as /schemas/context.schema.json"},
      "completeness": {"type": "integer", "minimum": 0, "maximum": 100, "description": "percent"},
      "missing": {"type": "array", "items": {"type": "object", "required": ["field", "state", "reason", "source"], "properties": {
        "field": {"type": "string"}, "state": {"type": "string"}, "reason": {"type": "string"},
        "source": {"type": "string"}}}}}},
  "Timeline": {"type": "object", "required": ["handoff", "timeline"], "properties": {
    "handoff": {"$ref": "#/components/schemas/Handoff"},
    "timeline": {"type": "array", "items": {
      "type": "object", "required": ["at", "after_ms", "kind", "text", "detail"], "properties": {
        "at": {"$ref": "#/components/schemas/Time"}, "after_ms": {"type": "integer"},
        "kind": {"enum": ["event", "signal", "state", "refused", "read", "delivery"]},
        "text": {"type": "string"}, "detail": {"type": "object"}}}}}},

  "Spread": {"type": "object", "required": ["count"], "properties": {
    "count": {"type": "integer", "minimum": 0}, "p50_ms": {"type": "integer"}, "p90_ms": {"type": "integer"},
    "p99_ms": {"type": "integer"}}},
  "Figures": {
    "type": "object",
    "required": ["handoffs", "open", "claimed", "resolved", "cancelled", "abandoned", "abandonment", "lost_claims", "back_in_7d", "back_in_14d", "context_completeness", "feedback", "left_after_claim", "bounced", "satisfaction", "satisfaction_before_handover", "sentiment", "time_to_claim", "time_to_first_reply", "time_to_resolution", "handle_time", "same_issue_in_7d", "same_issue_in_14d", "claimed_within_3min", "explicit_requests", "asked_again"],
    "properties": {
      "name": {"type": "string"}, "handoffs": {"type": "integer"}, "open": {"type": "integer"},
      "claimed": {"type": "integer"}, "resolved": {"type": "integer"}, "cancelled": {"type": "integer"},
      "abandoned": {"type": "integer", "description": "cancelled before anybody had it"},
      "abandonment": {"type": ["number", "null"]},
      "lost_claims": {"type": "integer", "description": "given up, passed on or lost to silence"},
      "left_after_claim": {"type": "integer", "description": "cancelled after somebody had it"},
      "bounced": {"type": "integer", "description": "of conversations that went to and fro"},
      "satisfaction": {"$ref": "#/components/schemas/Satisfaction"},
      "satisfaction_before_handover": {"$ref": "#/components/schemas/Satisfaction"},
      "sentiment": {"type": "object", "required": ["before", "after_claim", "at_end", "fell_in_transfer"], "properties": {
        "before": {"type": ["number", "null"]}, "after_claim": {"type": ["number", "null"]},
        "at_end": {"type": ["number", "null"]}, "fell_in_transfer": {"type": "integer"}}},
      "ai": {"$ref": "#/components/schemas/AiAlone"},
      "back_in_7d": {"type": ["number", "null"], "description": "share after which the same customer asked again within 7 days"},
      "same_issue_in_7d": {"type": ["number", "null"], "description": "the same, and about the same category"},
      "same_issue_in_14d": {"type": ["number", "null"]},
      "claimed_within_3min": {"type": ["number", "null"], "description": "share that somebody had before customers give up"},
      "explicit_requests": {"type": ["number", "null"], "description": "share of customers who asked for a person"},
      "handle_time": {"$ref": "#/components/schemas/Spread"},
      "back_in_14d": {"type": ["number", "null"]}, "context_completeness": {"type": ["number", "null"]},
      "feedback": {"type": "object", "additionalProperties": {"type": "integer"}},
      "asked_again": {"type": "object", "required": ["answered", "handoffs", "share", "kinds"], "properties": {
        "answered": {"type": "integer", "description": "handoffs in which a person wrote to the customer"},
        "handoffs": {"type": "integer", "description": "those in which the person asked for what had been given"},
        "share": {"type": ["number", "null"]},
        "kinds": {"type": "object", "additionalProperties": {"type": "integer"}, "description": "what was asked for"}}},
      "from": {"$ref": "#/components/schemas/Time"},
      "time_to_claim": {"$ref": "#/components/schemas/Spread"},
      "time_to_first_reply": {"$ref": "#/components/schemas/Spread"},
      "time_to_resolution": {"$ref": "#/components/schemas/Spread"}}},
  "Satisfaction": {"type": "object", "required": ["count", "mean", "satisfied"], "properties": {
    "count": {"type": "integer", "minimum": 0}, "mean": {"type": ["number", "null"], "description": "0 to 1, of all scales"},
    "satisfied": {"type": ["number", "null"], "description": "share of thumbs up, 4 and 5 stars, 9 and 10"}}},
  "AiAlone": {"type": "object", "required": ["resolved", "resolution_rate", "handoff_rate", "usual_handoff_rate", "satisfaction", "satisfaction_delta"], "properties": {
    "resolved": {"type": "integer", "minimum": 0, "description": "conversations that the AI solved and nobody handed over"},
    "resolution_rate": {"type": ["number", "null"], "description": "read it with the satisfaction; null where no platform tells of such conversations"},
    "handoff_rate": {"type": ["number", "null"], "description": "to compare with one's own past, not to bring down"},
    "usual_handoff_rate": {"type": "object", "required": ["from", "to"], "properties": {
      "from": {"type": "number"}, "to": {"type": "number"}}},
    "satisfaction": {"$ref": "#/components/schemas/Satisfaction"},
    "satisfaction_delta": {"type": ["number", "null"], "description": "mean of handed-over conversations less that of the AI's own"}}},
  "Resolution": {"type": "object", "required": ["handoff", "at", "question", "tried", "answers", "resolution", "approach", "category", "language", "channel"], "properties": {
    "handoff": {"type": "string"}, "at": {"$ref": "#/components/schemas/Time"}, "question": {"type": "string"},
    "tried": {"type": "array", "items": {"type": "object", "required": ["action"], "properties": {
      "action": {"type": "string"}, "outcome": {"type": "string"}}}},
    "answers": {"type": "array", "items": {"type": "string"}}, "resolution": {"type": "string"},
    "approach": {"enum": ["answered", "passed_on", "bug_report", "solved_without_words"]},
    "category": {"type": "string"}, "language": {"type": "string"}, "channel": {"type": "string"}}},
  "Gaps": {"type": "object", "required": ["gaps", "beyond"], "properties": {
    "gaps": {"type": "array", "items": {"type": "object", "required": ["question", "category", "count", "last_seen", "handoffs"], "properties": {
      "question": {"type": "string"}, "category": {"type": "string"}, "count": {"type": "integer", "minimum": 1},
      "last_seen": {"$ref": "#/components/schemas/Time"}, "handoffs": {"type": "array", "items": {"type": "string"}}}}},
    "beyond": {"type": "integer", "minimum": 0, "description": "handoffs of rarer questions, not listed"}}},
  "Doubtful": {"type": "array", "items": {"type": "object", "required": ["handoff", "rule", "why"], "properties": {
    "handoff": {"type": "string"}, "rule": {"type": "string"}, "why": {"type": "string"}}}},
  "Measures": {"type": "object", "required": ["by", "all", "groups", "ai", "topics", "accounts_rising", "calibration"], "properties": {
    "by": {"enum": ["nothing", "team", "category", "rule", "channel", "priority", "trigger", "day", "language", "segment", "pilot", "product"]},
    "ai": {"$ref": "#/components/schemas/AiAlone"},
    "topics": {"type": "array", "items": {"type": "object", "required": ["category", "handoffs", "share", "earlier", "later", "improved", "gap"], "properties": {
      "gap": {"type": "boolean", "description": "three of ten handoffs or more: the AI lacks something there"},
      "category": {"type": "string"}, "handoffs": {"type": "integer"}, "share": {"type": ["number", "null"]},
      "earlier": {"type": "integer"}, "later": {"type": "integer"},
      "improved": {"type": ["boolean", "null"], "description": "a smaller part of all than in the earlier half of the time"}}}},
    "calibration": {"type": "object", "required": ["unnecessary", "kept_too_long"], "properties": {
      "unnecessary": {"$ref": "#/components/schemas/Doubtful"}, "kept_too_long": {"$ref": "#/components/schemas/Doubtful"}}},
    "accounts_rising": {"type": "array", "items": {"type": "object", "required": ["account", "earlier", "later"], "properties": {
      "account": {"type": "string"}, "earlier": {"type": "integer"}, "later": {"type": "integer"}}}},
    "from": {"$ref": "#/components/schemas/Time"}, "to": {"$ref": "#/components/schemas/Time"},
    "all": {"$ref": "#/components/schemas/Figures"},
    "earlier": {"$ref": "#/components/schemas/Figures"},
    "compared": {"type": "object", "required": ["handoff_rate", "satisfied", "reading"],
      "description": "with `from`: the change since as long a time before it", "properties": {
      "handoff_rate": {"type": ["number", "null"]}, "satisfied": {"type": ["number", "null"]},
      "reading": {"enum": ["better", "same", "worse", null]}}},
    "groups": {"type": "array", "items": {"$ref": "#/components/schemas/Figures"}}}},

  "Bug": {
    "type": "object",
    "required": ["key", "state", "plan", "generation", "occurrences", "customers", "value", "handoffs", "first_at", "last_at", "error"],
    "properties": {
      "key": {"type": "string"}, "state": {"enum": ["watching", "filed", "fixed", "regressed"]},
      "plan": {"enum": ["open", "planned", "declined"]}, "priority": {"enum": ["low", "normal", "high", "urgent"]},
      "generation": {"type": "integer", "minimum": 1, "description": "how often it has been filed"},
      "occurrences": {"type": "integer"}, "customers": {"type": "integer", "minimum": 0},
      "more_customers_at_most": {"type": "integer", "description": "sightings by those who are not remembered"},
      "value": {"type": "number", "description": "of these customers, as the CRM gives it"},
      "handoffs": {"type": "integer"}, "text": {"type": "string", "description": "as it stands in a brief"},
      "first_at": {"$ref": "#/components/schemas/Time"}, "last_at": {"$ref": "#/components/schemas/Time"},
      "fixed_at": {"$ref": "#/components/schemas/Time"}, "issue": {"$ref": "#/components/schemas/Receipt"},
      "error": {"type": "object", "description": "by what it is told from others", "properties": {
        "code": {"type": "string"}, "component": {"type": "string"}, "type": {"type": "string"},
        "frame": {"type": "string"}, "target": {"type": "string"}, "message": {"type": "string"},
        "page": {"type": "string"}, "truncated": {"type": "boolean"}}},
      "links": {"type": "array", "items": {
        "type": "object", "required": ["handoff", "conversation", "without_handoff", "open", "on_the_issue", "told_of_the_fix"],
        "properties": {
          "handoff": {"type": "string"}, "conversation": {"type": "string"}, "without_handoff": {"type": "boolean"},
          "open": {"type": "boolean"}, "on_the_issue": {"type": "boolean"}, "told_of_the_fix": {"type": "boolean"}}}}}},
  "Bugs": {"type": "object", "required": ["bugs"], "properties": {
    "bugs": {"type": "array", "items": {"$ref": "#/components/schemas/Bug"}},
    "next": {"type": "string", "description": "give it as `after` to go on; missing at the end"}}},

  "Delivery": {
    "type": "object",
    "required": ["delivery", "handoff", "destination", "operation", "state", "attempts", "generation", "replays", "created_at"],
    "properties": {
      "delivery": {"type": "string", "description": "its key, for a replay"}, "handoff": {"type": "string"},
      "destination": {"type": "string"}, "operation": {"type": "string"},
      "state": {"enum": ["pending", "done", "failed", "dead", "damaged"]},
      "attempts": {"type": "integer", "minimum": 0}, "generation": {"type": "integer", "minimum": 1},
      "replays": {"type": "integer", "minimum": 0},
      "created_at": {"$ref": "#/components/schemas/Time"}, "due": {"$ref": "#/components/schemas/Time"},
      "ended_at": {"$ref": "#/components/schemas/Time"}, "parked": {"type": "boolean"},
      "receipt": {"$ref": "#/components/schemas/Receipt"},
      "failure": {"type": "object", "required": ["kind", "detail"], "properties": {
        "kind": {"type": "string"}, "detail": {"type": "string"}}}}},
  "Deliveries": {"type": "object", "required": ["deliveries"], "properties": {
    "deliveries": {"type": "array", "items": {"$ref": "#/components/schemas/Delivery"}},
    "next": {"type": "integer", "description": "give it as `after` to go on; missing at the end"}}},
  "Count": {"type": "object", "required": ["count"], "properties": {"count": {"type": "integer", "minimum": 0}}},
  "Replayed": {"type": "object", "required": ["replayed", "skipped"], "properties": {
    "replayed": {"type": "integer", "minimum": 0},
    "skipped": {"type": "integer", "minimum": 0, "description": "no dead letters any more when their turn came: somebody else was there"}}},

  "Destination": {
    "type": "object", "required": ["name", "connector"],
    "properties": {
      "name": {"type": "string"}, "connector": {"type": "string"}, "base_url": {"type": "string"},
      "breaker": {"type": "string"}, "paused": {"type": "boolean"},
      "tokens": {"type": "number", "description": "of the rate budget"},
      "requests": {"type": "integer"}, "attempts": {"type": "integer"}, "succeeded": {"type": "integer"},
      "pending": {"type": "integer"}, "dead_letters": {"type": "integer"},
      "signals_unknown": {"type": "integer", "description": "webhooks about objects that are none of ours, since the start"},
      "withheld": {"type": "object", "required": ["times", "last"], "description": "how often the vendor said that it keeps notices from us, since the start", "properties": {
        "times": {"type": "integer"}, "last": {"$ref": "#/components/schemas/Time"}}},
      "pause": {"type": "object", "required": ["by", "reason", "since"], "properties": {
        "by": {"type": "string"}, "reason": {"type": "string"}, "since": {"$ref": "#/components/schemas/Time"},
        "until": {"$ref": "#/components/schemas/Time"}}},
      "last_success": {"$ref": "#/components/schemas/Time"},
      "last_failure": {"type": "object", "required": ["at", "detail"], "properties": {
        "at": {"$ref": "#/components/schemas/Time"}, "detail": {"type": "string"}}}}},
  "Destinations": {"type": "object", "required": ["destinations"], "properties": {
    "destinations": {"type": "array", "items": {"$ref": "#/components/schemas/Destination"}}}},
  "AttemptsLately": {"type": "object", "required": ["attempts", "failed"], "properties": {
    "attempts": {"type": "integer"}, "failed": {"type": "integer"},
    "error_rate": {"type": "number", "description": "without those that the vendor only put off"},
    "completeness": {"type": "number", "description": "of the answers to reads: known fields that were filled"},
    "p50_ms": {"type": "number"}, "p95_ms": {"type": "number"}, "p99_ms": {"type": "number"},
    "failed_at": {"type": "object", "additionalProperties": {"type": "integer"},
                  "description": "ours, mapping, credential, connection or answer: how far they came"}}},
  "HealthOfOne": {"type": "object", "required": ["name", "state", "fault", "reason"], "properties": {
    "name": {"type": "string"},
    "state": {"enum": ["ok", "unknown", "degraded", "paused", "parked", "down"]},
    "fault": {"enum": ["nobody", "unclear", "ours", "network", "credential", "vendor", "mapping"]},
    "reason": {"type": "string"}, "remedy": {"type": "string", "description": "what a person does"},
    "connector": {"type": "string"}, "breaker": {"type": "string"},
    "last_5m": {"$ref": "#/components/schemas/AttemptsLately"},
    "last_1h": {"$ref": "#/components/schemas/AttemptsLately"},
    "last_success": {"$ref": "#/components/schemas/Time"}, "last_failure": {"$ref": "#/components/schemas/Time"},
    "quota": {"type": "object", "required": ["tokens"], "properties": {
      "tokens": {"type": "integer", "description": "of our own rate budget"},
      "remaining": {"type": "integer", "description": "as the vendor counted last"},
      "resets_at": {"$ref": "#/components/schemas/Time"}}},
    "credential": {"type": "object", "required": ["renews"], "properties": {
      "renews": {"type": "boolean", "description": "by itself, ahead of its end"},
      "since": {"$ref": "#/components/schemas/Time"}, "expires_at": {"$ref": "#/components/schemas/Time"}}},
    "pending": {"type": "integer"}, "held": {"type": "integer", "description": "of those: by a pause"},
    "dead_letters": {"type": "integer"}, "oldest_pending": {"$ref": "#/components/schemas/Time"},
    "oldest_pending_ms": {"type": "integer"},
    "accepted": {"type": "integer"}, "duplicates": {"type": "integer"}, "refused": {"type": "integer"},
    "last_event": {"$ref": "#/components/schemas/Time"}}},
  "Health": {"type": "object", "required": ["at", "state", "summary", "store", "destinations", "sources"], "properties": {
    "at": {"$ref": "#/components/schemas/Time"},
    "state": {"enum": ["ok", "unknown", "degraded", "paused", "parked", "down"], "description": "the worst of them"},
    "summary": {"type": "string"},
    "store": {"type": "object", "required": ["works"], "properties": {
      "works": {"type": "boolean"}, "reason": {"type": "string"}}},
    "destinations": {"type": "array", "items": {"$ref": "#/components/schemas/HealthOfOne"}},
    "sources": {"type": "array", "items": {"$ref": "#/components/schemas/HealthOfOne"}}}},
  "Findings": {"type": "object", "required": ["name", "fine", "findings"], "properties": {
    "name": {"type": "string"}, "fine": {"type": "boolean"},
    "resumed": {"type": "boolean", "description": "Baton had parked it, and it works again"},
    "findings": {"type": "array", "items": {"type": "object", "required": ["what", "fine"], "properties": {
      "what": {"type": "string"}, "fine": {"type": "boolean"}, "remedy": {"type": "string"},
      "can_make": {"type": "boolean"}}}}}},
  "Revoked": {"type": "object", "required": ["name", "paused", "access", "to_do"], "properties": {
    "name": {"type": "string"}, "paused": {"type": "boolean"},
    "access": {"enum": ["revoked", "ended_before", "none_held", "by_hand"], "description": "what became of the token in use"},
    "to_do": {"type": "array", "items": {"type": "string"}, "description": "what is left for people"}}},
  "Paused": {"type": "object", "required": ["name", "paused"], "properties": {
    "name": {"type": "string"}, "paused": {"type": "boolean"}}},
  "Routes": {"type": "object", "required": ["routes"], "properties": {"routes": {"type": "array", "items": {
    "type": "object", "required": ["name", "when", "to", "hits"], "properties": {
      "name": {"type": "string"}, "when": {"type": "array", "items": {"type": "string"}},
      "to": {"type": "array", "items": {"type": "string"}}, "hits": {"type": "integer", "minimum": 0}}}}}},
  "Audit": {"type": "object", "required": ["entries"], "properties": {"entries": {"type": "array", "items": {
    "type": "object", "required": ["at", "who", "what", "subject", "why"], "properties": {
      "at": {"$ref": "#/components/schemas/Time"}, "who": {"type": "string"}, "what": {"type": "string"},
      "subject": {"type": "string"}, "why": {"type": "string"}}}}}},

  "Alerts": {"type": "object", "required": ["alerts", "silences"], "properties": {
    "alerts": {"type": "array", "items": {
      "type": "object",
      "required": ["alert", "stage", "kind", "severity", "about", "cause", "fault", "since", "hidden", "evidence"],
      "properties": {
        "alert": {"type": "string"}, "stage": {"enum": ["firing", "resolved"]}, "kind": {"type": "string"},
        "severity": {"enum": ["warning", "critical"]}, "about": {"type": "string"}, "cause": {"type": "string"},
        "fault": {"enum": ["ours", "network", "credential", "vendor", "mapping", "unknown"]},
        "since": {"$ref": "#/components/schemas/Time"}, "told_at": {"$ref": "#/components/schemas/Time"},
        "case": {"type": "string", "description": "whose timeline shows who was told"},
        "silenced_by": {"type": "string"},
        "hidden": {"type": "boolean", "description": "another alert explains it"},
        "evidence": {"type": "array", "items": {"type": "string"}}}}},
    "silences": {"type": "array", "items": {"$ref": "#/components/schemas/Silence"}}}},
  "Silence": {"type": "object", "required": ["id", "alert", "by", "why", "from", "until"], "properties": {
    "id": {"type": "string"}, "alert": {"type": "string"}, "by": {"type": "string"}, "why": {"type": "string"},
    "from": {"$ref": "#/components/schemas/Time"}, "until": {"$ref": "#/components/schemas/Time"}}},
  "Ended": {"type": "object", "required": ["ended"], "properties": {"ended": {"type": "string"}}},
  "Queue": {"type": "object", "required": ["known", "total", "waiting"], "properties": {
    "known": {"type": "boolean", "description": "false: the queue is still being read after a start"},
    "total": {"type": "integer", "minimum": 0},
    "waiting": {"type": "array", "items": {
      "type": "object",
      "required": ["handoff", "team", "position", "of", "held", "off_hours", "opens_at", "priority", "since", "asked", "wait"],
      "properties": {
        "handoff": {"type": "string"}, "team": {"type": "string"},
        "position": {"type": "integer", "minimum": 1, "description": "in its team"}, "of": {"type": "integer"},
        "held": {"enum": ["no_team", "not_permitted", "off_hours", "away", "declined", "full", null], "description": "why nobody is asked"},
        "off_hours": {"enum": ["queue", "overflow", "callback", null]},
        "opens_at": {"anyOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]},
        "priority": {"enum": ["low", "normal", "high", "urgent"]}, "since": {"$ref": "#/components/schemas/Time"},
        "asked": {"anyOf": [{"type": "null"}, {"type": "object", "required": ["member", "name", "team"], "properties": {
          "member": {"type": "string"}, "name": {"type": "string"}, "team": {"type": "string"}}}]},
        "wait": {"anyOf": [{"const": "unknown"}, {"type": "object", "required": ["low_seconds", "high_seconds", "basis", "samples"], "properties": {
          "low_seconds": {"type": "integer"}, "high_seconds": {"type": "integer"},
          "basis": {"enum": ["hour_of_week", "hour_of_day"]}, "samples": {"type": "integer"}}}]}}}}}},
  "Teams": {"type": "object", "required": ["teams"], "properties": {"teams": {"type": "array", "items": {
    "type": "object",
    "required": ["name", "open", "opens_at", "off_hours", "overflow", "overflow_after_seconds", "working", "with_room", "members"],
    "properties": {
      "name": {"type": "string"}, "open": {"type": "boolean"},
      "opens_at": {"anyOf": [{"$ref": "#/components/schemas/Time"}, {"type": "null"}]},
      "off_hours": {"enum": ["queue", "overflow", "callback"]}, "overflow": {"type": ["string", "null"]},
      "overflow_after_seconds": {"type": "integer"}, "working": {"type": "integer"}, "with_room": {"type": "integer"},
      "members": {"type": "array", "items": {
        "type": "object",
        "required": ["id", "name", "skills", "languages", "senior", "capacity", "load", "presence", "working"],
        "properties": {
          "id": {"type": "string"}, "name": {"type": "string"},
          "skills": {"type": "array", "items": {"type": "string"}},
          "languages": {"type": "array", "items": {"type": "string"}}, "senior": {"type": "boolean"},
          "capacity": {"type": ["integer", "null"]}, "load": {"type": "integer"},
          "presence": {"enum": ["available", "busy", "away"]}, "working": {"type": "boolean"}}}}}}}}},
  "Presence": {"type": "object", "required": ["member", "presence"], "properties": {
    "member": {"type": "string"}, "presence": {"enum": ["available", "busy", "away"]},
    "until": {"$ref": "#/components/schemas/Time"}}},
  "StoreTask": {"type": "object", "required": ["task", "state"], "properties": {
    "task": {"enum": ["none", "backup", "check", "repair", "erase"]},
    "state": {"enum": ["running", "done", "failed"]},
    "started_at": {"$ref": "#/components/schemas/Time"}, "ended_at": {"$ref": "#/components/schemas/Time"},
    "result": {"type": "object", "description": "a backup's manifest, a check's findings, how much was erased"},
    "failure": {"type": "string"},
    "receipt": {"type": "string", "description": "names an erasure in the audit log"}}},
  "Reloaded": {"type": "object", "required": ["reloaded"], "properties": {"reloaded": {"const": true}}},
  "Receipt": {"type": "object", "required": ["id", "url"], "properties": {"id": {"type": "string"}, "url": {"type": "string"},
    "number": {"type": "string", "description": "what people call it; missing: the id"}}},
  "Time": {"type": "string", "description": "RFC 3339", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$"},
  "Text": {"type": "string"},
  "Anything": {"type": "object"}
})json";

constexpr auto kBodies = R"json({
  "Test": {"type": "object", "required": ["why"], "properties": {
    "why": {"type": "string", "description": "for the audit log"},
    "apply": {"type": "boolean", "description": "make at the vendor what is lacking there"}}},
  "Backup": {"type": "object", "required": ["why"], "properties": {
    "why": {"type": "string", "description": "for the audit log"},
    "to": {"type": "string", "description": "a folder on the gateway's machine; default: one in its data directory"}}},
  "Check": {"type": "object", "required": ["why"], "properties": {
    "why": {"type": "string", "description": "for the audit log"},
    "repair": {"type": "boolean", "description": "set aside what is damaged, after a backup"}}},
  "Erase": {"type": "object", "required": ["why"], "properties": {
    "why": {"type": "string", "description": "for the audit log; do not name the person"},
    "email": {"type": "string"}, "customer": {"type": "string", "description": "the id that events give"}}},
  "PassOn": {"type": "object", "required": ["why"], "properties": {
    "by": {"type": "string", "description": "on whose behalf; default: whom the token was made for"},
    "name": {"type": "string", "description": "how that person is called"},
    "to": {"type": "string", "description": "a team of the configuration; default: the same one's queue"},
    "why": {"type": "string", "description": "the next person reads it"}}},
  "Feedback": {"type": "object", "required": ["fault"], "properties": {
    "by": {"type": "string", "description": "on whose behalf; default: whom the token was made for"},
    "name": {"type": "string", "description": "how that person is called"},
    "fault": {"enum": ["false_escalation", "too_early", "too_late", "missing_context", "wrong_team", "confusing_message"]},
    "text": {"type": "string", "description": "which context was missing, which team would have been right"}}},
  "Act": {"type": "object", "properties": {
    "by": {"type": "string", "description": "on whose behalf; default: whom the token was made for"},
    "name": {"type": "string", "description": "how that person is called"},
    "text": {"type": "string", "description": "of a resolution: what the AI is told"},
    "follow_ups": {"type": "array", "items": {"type": "string"}, "description": "of a resolution: what the AI has still to do"},
    "why": {"type": "string", "description": "for the audit log"}}},
  "Return": {"type": "object", "required": ["text"], "properties": {
    "text": {"type": "string", "minLength": 1, "description": "how it ended: what the AI is told"},
    "did": {"type": "array", "items": {"type": "string"}, "description": "what the person did"},
    "follow_ups": {"type": "array", "items": {"type": "string"}, "description": "what the AI has still to do"},
    "by": {"type": "string", "description": "on whose behalf; default: whom the token was made for"},
    "name": {"type": "string", "description": "how that person is called"},
    "why": {"type": "string", "description": "for the audit log"}}},
  "SilenceRequest": {"type": "object", "required": ["alert", "until", "why"], "properties": {
    "alert": {"type": "string", "minLength": 1, "description": "its name, or its beginning and a star"},
    "until": {"$ref": "#/components/schemas/Time"}, "why": {"type": "string", "minLength": 1}}},
  "SetPresence": {"type": "object", "required": ["presence"], "properties": {
    "presence": {"enum": ["available", "busy", "away"]},
    "until": {"type": "string", "description": "RFC 3339; then available again"},
    "why": {"type": "string", "description": "for the audit log"}}},
  "Why": {"type": "object", "required": ["why"], "properties": {"why": {"type": "string", "minLength": 1}}},
  "Filter": {"type": "object", "additionalProperties": false, "properties": {
    "state": {"type": ["string", "null"]}, "destination": {"type": ["string", "null"]},
    "operation": {"type": ["string", "null"]}, "handoff": {"type": ["string", "null"]},
    "failure": {"type": ["string", "null"]}, "from": {"type": ["string", "null"]}, "to": {"type": ["string", "null"]},
    "limit": {"type": ["integer", "null"]}, "after": {"type": ["integer", "null"]}}},
  "CountRequest": {"type": "object", "properties": {"filter": {"$ref": "#/components/schemas/Filter"}}},
  "ReplayRequest": {"type": "object", "required": ["why"], "properties": {
    "why": {"type": "string", "minLength": 1},
    "delivery": {"type": "string", "description": "one delivery's key; else filter and count"},
    "filter": {"$ref": "#/components/schemas/Filter"},
    "count": {"type": "integer", "description": "what /v1/dead-letters/count said: nobody sends a thousand by mistake"}}}
})json";

json parameter(const char* name, const char* type, const char* description) {
  return {{"name", name}, {"in", "query"}, {"schema", {{"type", type}}}, {"description", description}};
}

}  // namespace

json shapes() {
  auto all = json::parse(kAnswers);
  all.update(json::parse(kBodies));
  // One handoff is what lists show of it, and more.
  auto& whole = all["HandoffWithData"];
  whole["properties"].update(all["Handoff"]["properties"]);
  for (const auto& name : all["Handoff"]["required"]) whole["required"].push_back(name);
  return all;
}

json query_parameters(std::string_view pattern) {
  auto list = json::array();
  const auto limit = parameter("limit", "integer", "at most so many");
  if (pattern == "/v1/handoffs") {
    list = {parameter("state", "string", "only those in this state"),
            parameter("source", "string", "together with `conversation`"),
            parameter("conversation", "string", "together with `source`"),
            parameter("open", "boolean", "true: only those that are not over"),
            parameter("before", "string", "go on after this id"),
            limit};
  } else if (pattern == "/v1/deliveries" || pattern == "/v1/dead-letters") {
    for (const auto* name : {"state", "destination", "operation", "handoff", "failure"}) {
      list.push_back(parameter(name, "string", "only those with it"));
    }
    list.push_back(parameter("from", "string", "created at this time or later (RFC 3339)"));
    list.push_back(parameter("to", "string", "created before this time"));
    list.push_back(parameter("after", "integer", "what `next` gave"));
    list.push_back(limit);
  } else if (pattern == "/v1/bugs") {
    list = {parameter("state", "string", "watching, filed, fixed or regressed"),
            parameter("after", "string", "what `next` gave"), limit};
  } else if (pattern == "/v1/metrics/handoff") {
    return {parameter(
                "by", "string",
                "nothing, team, category, rule, channel, priority, trigger, day, language, segment, pilot or "
                "product"),
            parameter("from", "string", "requested at this time or later (RFC 3339)"),
            parameter("to", "string", "requested before this time")};
  } else if (pattern == "/v1/resolutions" || pattern == "/v1/gaps") {
    list = {parameter("from", "string", "requested at this time or later (RFC 3339)"),
            parameter("to", "string", "requested before this time"), limit};
    if (pattern == "/v1/resolutions") {
      list.push_back(parameter("category", "string", "only of this category"));
      list.push_back(parameter("before", "string", "go on after this id"));
    }
  } else if (pattern == "/v1/audit" || pattern == "/v1/queue") {
    list.push_back(limit);
  }
  return list;
}

}  // namespace baton::api
