#include "connectors/simulation/simulation.h"

#include <array>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace baton::simulation {
namespace {

bool hits(Fault& fault, const RawRequest& raw) {
  if (fault.times == 0) return false;
  if (!fault.method.empty() && fault.method != raw.method) return false;
  if (!path_of(raw.target).starts_with(fault.prefix)) return false;
  if (fault.skip > 0) {
    --fault.skip;
    return false;
  }
  if (fault.times > 0) --fault.times;
  return true;
}

Answer apply(const Fault& fault, Vendor& vendor, const RawRequest& raw) {
  using Kind = Fault::Kind;
  const bool works = fault.kind != Kind::refuse && fault.kind != Kind::status;
  Answer answer(works ? vendor.handle(raw) : Reply(fault.status, "fault injected"));
  switch (fault.kind) {
    case Kind::lose_reply: answer.cut = true; break;
    case Kind::refuse:
      answer.cut = true;
      answer.reached = false;
      break;
    case Kind::status: answer.reply.retry_after = fault.retry_after; break;
    case Kind::after_status: answer.reply = Reply(fault.status, "fault injected"); break;
    case Kind::garble: answer.reply.body.resize(answer.reply.body.size() / 2); break;
    case Kind::slow: answer.drip = true; break;
  }
  return answer;
}

constexpr auto kKinds = std::to_array({Fault::Kind::lose_reply, Fault::Kind::refuse, Fault::Kind::status,
                                       Fault::Kind::after_status, Fault::Kind::garble, Fault::Kind::slow});

Failure refuse(std::string why) { return Failure(FailureKind::rejected, "fault: " + std::move(why)); }

}  // namespace

std::string_view name(Fault::Kind kind) {
  switch (kind) {
    case Fault::Kind::lose_reply: return "lose_reply";
    case Fault::Kind::refuse: return "refuse";
    case Fault::Kind::status: return "status";
    case Fault::Kind::after_status: return "after_status";
    case Fault::Kind::garble: return "garble";
    case Fault::Kind::slow: return "slow";
  }
  return "";
}

Result<Fault> read_fault(const nlohmann::json& json) {
  const JsonView view(json);
  if (!view.object()) return refuse("not an object");
  for (const auto& [key, value] : json.items()) {
    const bool text = key == "kind" || key == "method" || key == "prefix";
    const bool number = key == "times" || key == "skip" || key == "status" || key == "retry_after";
    if (!text && !number) return refuse("unknown key " + key);
    if (text ? !value.is_string() : !value.is_number_integer()) return refuse(key + " has another type");
  }
  Fault fault;
  const auto kind = view["kind"].text();
  const auto* const known =
      std::find_if(kKinds.begin(), kKinds.end(), [&](auto k) { return name(k) == kind; });
  if (known == kKinds.end()) return refuse("unknown kind \"" + kind + "\"");
  fault.kind = *known;
  fault.method = view["method"].text();
  fault.prefix = view["prefix"].text();
  fault.times = static_cast<int>(view["times"].integer().value_or(1));
  fault.skip = static_cast<int>(view["skip"].integer().value_or(0));
  fault.status = static_cast<int>(view["status"].integer().value_or(503));
  if (const auto wait = view["retry_after"].integer()) fault.retry_after = std::chrono::seconds(*wait);
  return fault;
}

Answer FaultyVendor::handle(const RawRequest& raw) {
  ++requests_[raw.method + " " + std::string(path_of(raw.target))];
  for (auto& fault : faults_) {
    if (hits(fault, raw)) return apply(fault, *vendor_, raw);
  }
  auto reply = vendor_->handle(raw);
  const auto second = std::chrono::floor<std::chrono::seconds>(raw.received_at);
  reply.headers.try_emplace("date", fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(second)));
  return Answer(std::move(reply));
}

}  // namespace baton::simulation
