#include "gateway/model/outline.h"

#include <algorithm>

#include "gateway/base/date.h"
#include "gateway/base/json_view.h"

namespace baton {

Outline::Outline(const Handoff& handoff)
    : id(handoff.id), workspace(handoff.workspace), requested_at(handoff.requested_at), state(handoff.state),
      priority(handoff.priority), rule(handoff.route.rule), team(handoff.route.team),
      pilot(handoff.route.pilot), bounces(handoff.bounces), replies(handoff.replies),
      asked_again(handoff.asked_again) {
  const JsonView data(handoff.data);
  const auto intent = data["intent"], conversation = data["conversation"], who = data["customer"];
  category = intent["category"].text(intent["name"].text());
  trigger = data.at_path("reason.trigger").text();
  channel = conversation["channel"].text();
  language = conversation["language"].text();
  product = conversation["product"].text();
  tier = who["tier"].text();
  customer = who["id"].text(who["email"].text());
  account = who["account_id"].text(who["company"].text(who["id"].text()));
  parts = static_cast<int>(handoff.context.size());
  parts_present = static_cast<int>(std::ranges::count_if(
      handoff.context, [](const auto& one) { return one.second.part == Part::present; }));
  for (const auto& passage : handoff.passages) passages.emplace_back(passage.at, passage.state);
  for (const auto& said : handoff.ratings) ratings.emplace_back(said.score, said.scale, said.phase);
  for (const auto& felt : handoff.feelings) feelings.emplace_back(felt.at, felt.score);
  const auto points = items(data.at_path("sentiment.points"));
  for (const auto& point : points) {
    const auto at = parse_rfc3339(point["at"].text());
    if (const auto score = point["score"].number(); at && score) feelings.emplace_back(*at, *score);
  }
  for (const auto& said : handoff.feedback) faults.push_back(said.fault);
}

}  // namespace baton
