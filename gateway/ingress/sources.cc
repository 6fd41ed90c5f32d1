#include "gateway/ingress/sources.h"

#include <algorithm>

#include "gateway/base/text.h"

namespace baton::ingress {
namespace {

std::vector<secrets::SigningKey> read_signing_keys(const Node& node, const std::string& path,
                                                   const secrets::Sources* secrets, Problems& problems) {
  std::vector<secrets::SigningKey> keys;
  const auto reference = secrets::read_reference(node, path, problems);
  if (!reference || !secrets) return keys;
  const auto values = secrets::resolve_all(*reference, *secrets);
  if (!values) {
    // The failure names the place itself; a problem does too.
    const auto& detail = values.error().detail;
    const auto place = reference->at.text() + ": ";
    problems.add(node.at(), path, detail.starts_with(place) ? detail.substr(place.size()) : detail);
    return keys;
  }
  for (const auto& value : *values) {
    auto key = secrets::SigningKey::make(value);
    if (key) keys.push_back(std::move(*key));
    else problems.add(node.at(), path, key.error().detail);
  }
  return keys;
}

// Names stand in the journal's keys, between slashes: with a slash of their own two sources could mean
// the same event.
void check_name(const std::string& name, const Position& at, const std::string& path, Problems& problems) {
  const bool plain = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  if (!plain) problems.add(at, path, "`" + name + "` must be made of letters, digits, - _ and .");
}

// A platform is a destination whose connector understands its webhooks.
std::optional<DestinationId> read_platform(Fields& in, const sdk::Accounts& accounts) {
  const auto name = in.text("platform", "");
  if (name.empty()) return std::nullopt;
  std::vector<std::string> platforms, all;
  for (const auto& [id, account] : accounts) {
    all.push_back(id.text);
    if (account->connector->manifest().source) platforms.push_back(id.text);
  }
  if (std::ranges::find(platforms, name) != platforms.end()) return DestinationId(name);
  const bool known = std::ranges::find(all, name) != all.end();
  in.report("platform",
            known ? "`" + name + "` is no chat platform that sends webhooks of its own; " +
                        (platforms.empty() ? "no destination is one" : "these are: " + join(platforms, ", "))
                  : "there is no destination `" + name + "`" + did_you_mean(name, all));
  return std::nullopt;
}

constexpr std::string_view kElsewhere =
    "a platform's webhooks are verified with its destination's secrets, those with a mapping as `verify` "
    "says";

// Whether it signs events itself, is a platform, or sends JSON of its own.
void read_kind(Fields& in, const sdk::Accounts& accounts, const secrets::Sources* secrets, Source& source) {
  source.platform = read_platform(in, accounts);
  source.mapping = in.text("mapping");
  const auto& verify = in.node("verify");
  if (source.mapping.empty()) {
    if (!verify.missing()) in.report("verify", "is for sources with a `mapping`");
    return;
  }
  if (source.platform) in.report("mapping", "a source has either a `platform` or a `mapping`");
  if (verify.missing())
    in.report("verify", "is required with a `mapping`: hmac, header, basic or standard_webhooks");
  else source.verification = read_verification(verify, in.path_of("verify"), secrets, in.problems());
}

}  // namespace

Sources read_sources(const Node& section, const sdk::Accounts& accounts, const secrets::Sources* secrets,
                     TimePoint now, Problems& problems) {
  constexpr int kMostPerSecond = 1'000'000;
  Sources sources;
  if (section.kind() != Node::Kind::map && !section.missing()) {
    problems.add(section.at(), "sources", "must be a map of names and settings");
  }
  for (const auto& [name, at, value] : section.members()) {
    const auto path = "sources." + name;
    Fields in(value, path, problems);
    Source source;
    source.name = name;
    check_name(name, at, path, problems);
    source.workspace = WorkspaceId(in.text("workspace", "main"));
    check_name(source.workspace.text, in.node("workspace").at(), in.path_of("workspace"), problems);
    source.event_source = in.text("event_source", name);
    const bool foreign = !in.node("platform").missing();
    read_kind(in, accounts, secrets, source);
    const auto& secret = in.node("secret");
    if (foreign || !source.mapping.empty()) {
      if (!secret.missing()) in.report("secret", "has no use here: " + std::string(kElsewhere));
    } else if (secret.missing())
      in.report("secret", "is required: the secret that signs this platform's requests");
    else source.keys = read_signing_keys(secret, in.path_of("secret"), secrets, problems);
    const auto limit = static_cast<int>(in.integer("max_per_second", 0, 0, kMostPerSecond));
    if (limit > 0) source.budget = std::make_unique<RateBudget>(limit, 2 * limit, now);
    in.done();
    for (const auto& [other, existing] : sources) {
      if (existing.event_source != source.event_source) continue;
      problems.add(at, path,
                   "has the same event_source as `" + other + "`: events would be taken for its own");
    }
    sources.emplace(name, std::move(source));
  }
  return sources;
}

}  // namespace baton::ingress
