#include "connectors/salesforce/errors.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::salesforce {
namespace {

using enum FailureKind;

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Below "/services/data/v67.0/sobjects/": {"Case", "Baton_Handoff_Id__c", "hof_..."}.
std::vector<std::string_view> place_of(const sdk::Exchange& seen) {
  constexpr std::string_view kObjects = "/sobjects/";
  const auto path = path_of(seen.request.target);
  const auto at = path.find(kObjects);
  if (at == std::string_view::npos || has(path, "/tooling/")) return {};
  return split(path.substr(at + kObjects.size()), '/');
}

// A token that no new login cures (section 6).
bool is_wrong_app(std::string_view text) {
  return has(text, "not valid for use with the REST API") ||
         has(text, "Connected app is not attached to Agent");
}

// What is refused with 400: most of it for good, with the field named.
void classify_refusal(const sdk::Exchange& seen, std::string_view code, Failure& failure) {
  const auto unclear = seen.writes ? ambiguous : retryable;
  const auto place = place_of(seen);
  const bool by_key = place.size() == 3 && place[0] == "Case";
  // Another transaction holds the case, the account or the contact; Apex and flows say so inside their own
  // error.
  if (has(seen.reply.body, "UNABLE_TO_LOCK_ROW")) failure.kind = retryable;
  if (code == "QUERY_TIMEOUT" || code == "OPERATION_TOO_LARGE") failure.kind = retryable;
  // The unique index caught a twin: the look-up finds it (section 4).
  if (code == "DUPLICATE_VALUE" && by_key && has(seen.reply.body, place[1])) failure.kind = unclear;
  const bool names_parent = has(seen.reply.body, "ParentId") || code == "INVALID_CROSS_REFERENCE_KEY";
  const bool on_comment = !place.empty() && place[0] == "CaseComment";
  if (code.starts_with("INSUFFICIENT_ACCESS")) return;  // it is there, and closed to Baton's user
  if (code == "ENTITY_IS_DELETED" || (on_comment && names_parent && code != "REQUIRED_FIELD_MISSING" &&
                                      code != "STRING_TOO_LONG" && code != "INVALID_FIELD")) {
    failure.kind = target_gone;
  }
}

// The word for "you may make no cases" is the one for "not this one": a case that is read-only by sharing,
// locked by an approval, or refers to what Baton's user may not see. Only what concerns every case may park
// them all.
bool is_of_one_record(const sdk::Exchange& seen, std::string_view code) {
  if (!seen.writes || !code.starts_with("INSUFFICIENT_ACCESS")) return false;
  const auto place = place_of(seen);
  if (place.empty()) return false;
  if (place[0] == "CaseComment") return true;
  return place[0] == "Case" && (place.size() == 2 || code == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY");
}

void classify_forbidden(const sdk::Exchange& seen, std::string_view code, Failure& failure) {
  if (is_of_one_record(seen, code)) {
    failure.kind = rejected;
    failure.detail.insert(
        0,
        "Baton's user may not change this case (read-only by sharing, locked, or out of its "
        "sight): give it Modify All on Case, then replay: ");
  }
  if (code != "REQUEST_LIMIT_EXCEEDED") return;  // other permissions: misconfigured
  failure.kind = rate_limited;
  // The day's requests come back one by one, as the window rolls: the lane's wait grows until one is there.
  // Concurrent ones are over within seconds.
  const bool passes = has(seen.reply.body, "Concurrent");
  if (passes || seen.reply.retry_after)
    failure.not_before = seen.at + seen.reply.retry_after.value_or(Duration{10s});
}

// True if "there is none" is the answer that was asked for.
bool classify_missing(const sdk::Exchange& seen, std::string_view code, Failure& failure) {
  const auto place = place_of(seen);
  const bool spoken = code == "NOT_FOUND" || code == "ENTITY_IS_DELETED";
  if (place.size() == 3) {
    const bool field = has(to_lower(seen.reply.body), "external id field");
    if (!seen.writes && spoken && !field) return true;
    failure.kind = misconfigured;
    failure.detail.insert(0,
                          "Salesforce knows no external id field " + std::string(place[1]) +
                              " on Case, or the user may not see it; see connectors/salesforce/README.md: ");
    return false;
  }
  // Of a page that nobody at Salesforce wrote: the address is wrong.
  failure.kind = place.size() >= 2 && spoken ? target_gone : misconfigured;
  return false;
}

}  // namespace

std::string code_of(const nlohmann::json& errors) {
  const auto list = JsonView(errors).list();
  const auto first = list && !list->empty() ? list->front() : JsonView(errors);
  const auto code = first["errorCode"].text();
  return code.empty() ? first["statusCode"].text() : code;
}

std::string words_of(const nlohmann::json& errors) {
  const auto list = JsonView(errors).list();
  const auto first = list && !list->empty() ? list->front() : JsonView(errors);
  auto words = code_of(errors);
  if (const auto message = first["message"].text(); !message.empty())
    words += (words.empty() ? "" : ": ") + message;
  std::string fields;
  for (const auto& field : items(first["fields"])) {
    if (const auto name = field.text(); !name.empty()) fields += (fields.empty() ? "" : ", ") + name;
  }
  if (!fields.empty()) words += " (" + fields + ")";
  return words;
}

std::optional<Failure> classify(const sdk::Exchange& seen) {
  const int status = seen.reply.status;
  auto failure = sdk::classify_http(seen);
  if (!failure) return failure;
  const auto body = parse_json(seen.reply.body, retryable, "");
  const auto errors = body ? *body : nlohmann::json();
  const auto code = code_of(errors);
  const auto unclear = seen.writes ? ambiguous : retryable;
  if (const auto words = words_of(errors); !words.empty()) failure->detail.insert(0, words + "; ");

  if (status == 300) {
    failure->detail.insert(0, "several cases bear this key, because the field is not unique: ");
  } else if (status > 300 && status < 400) {
    failure->kind = misconfigured;  // base_url is not the org's own host (section 1)
  }
  if (status == 400) classify_refusal(seen, code, *failure);
  if (status == 401 && is_wrong_app(seen.reply.body)) failure->kind = misconfigured;
  if (status == 403) classify_forbidden(seen, code, *failure);
  if (status == 404 && classify_missing(seen, code, *failure)) return std::nullopt;
  if (status == 409 || status == 412) failure->kind = unclear;
  // Its word that nothing happened may be a proxy's: looked at before it is repeated.
  if (status == 503) failure->kind = unclear;
  return failure;
}

namespace {

// "10018/100000", whatever follows it.
std::optional<std::pair<long, long>> read_usage(std::string_view text) {
  long used = 0, most = 0;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, used);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '/') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, most);
  if (second.ec != std::errc() || used < 0 || most <= 0 || most > 1'000'000'000) return std::nullopt;
  return std::pair(used, most);
}

}  // namespace

// "api-usage=10018/100000", with other parts before or behind it, such as "per-app-api-usage=17/250(...)"
// (section 5).
sdk::Quota quota(const Reply& reply) {
  constexpr std::string_view kUsage = "api-usage=";
  std::string parts(header(reply.headers, "sforce-limit-info"));
  std::ranges::replace(parts, ';', ',');
  for (auto part : split(parts, ',')) {
    part = trim(part);
    if (!to_lower(part).starts_with(kUsage)) continue;
    const auto usage = read_usage(trim(part.substr(kUsage.size())));
    if (!usage) return {};
    const auto& [used, most] = *usage;
    sdk::Quota quota;
    quota.remaining = static_cast<int>(std::max(0L, most - used));
    quota.limit = static_cast<int>(most);
    quota.what = "the org's daily API limit";
    return quota;
  }
  return {};
}

}  // namespace baton::salesforce
