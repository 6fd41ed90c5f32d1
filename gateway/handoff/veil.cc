#include "gateway/handoff/veil.h"

#include "gateway/handoff/permission.h"

namespace baton::handoff {

Handoff veiled(const Handoff& handoff) {
  auto shown = handoff;
  shown.route.rule.clear();  // people name rules after what they are for
  shown.data = nlohmann::json::object();
  shown.data_text.clear();
  shown.context.clear();
  shown.topics.clear();
  shown.resolution.clear();
  shown.did.clear();
  shown.follow_ups.clear();
  shown.blocked_notes.clear();
  shown.bug.reset();
  shown.defects.clear();
  shown.errors_met = nullptr;
  for (auto& said : shown.feedback) said.text.clear();
  for (auto& rating : shown.ratings) rating.text.clear();
  for (auto& refused : shown.refused) refused.what = refused.what.substr(0, refused.what.find(':'));
  return shown;
}

Brief veiled_brief(const Handoff& handoff) {
  Brief brief;
  brief.headline = veil(handoff);
  brief.next = "Take it to read what it is about in its ticket.";
  return brief;
}

}  // namespace baton::handoff
