// Purpose: the journal's records as bytes. One place knows how a Handoff, a Job or a Fact is
// written down, so that every adapter stores the same and an upgrade has one thing to keep reading.
// Owner: the journal adapters. Threads: any; pure.
// Format: JSON text. A member that a newer Baton added is ignored, one that is missing has its
// default, so one release up or down can read the other's records.
// Errors: decode_* fail as `rejected` for bytes that are not such a record (a damaged row).
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/model/fact.h"
#include "gateway/model/handoff.h"
#include "gateway/model/job.h"
#include "gateway/model/lane.h"
#include "gateway/model/outline.h"

namespace baton {

std::string encode(const Handoff& handoff);
std::string encode(const Job& job);    // the key apart, which the store keeps in columns
std::string encode(const Fact& fact);  // facts from outside only: an Event or a Signal
std::string encode(const LaneState& lane);
std::string encode(const AuditEntry& entry);

Result<Handoff> decode_handoff(std::string_view bytes);
// What was asked and of whom: of the record only its names, state, owner, topics and team; of the data intent,
// reason, customer and attempts, and the transcript where the intent has no summary.
Result<Handoff> decode_question(std::string_view bytes);
// What Outline makes of the same handoff, without a tree of the record: many times as quick.
Result<Outline> decode_outline(std::string_view bytes);
Result<Job> decode_job(JobKey key, std::string_view bytes);
Result<Fact> decode_fact(std::string_view bytes);
Result<LaneState> decode_lane(std::string_view bytes);
Result<AuditEntry> decode_audit(std::string_view bytes);

}  // namespace baton
