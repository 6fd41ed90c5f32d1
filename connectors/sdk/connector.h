// Purpose: what a connector is: a manifest, its operations, a classification, and a reader of the
// vendor's webhooks. It knows no journal, clock, secret or thread.
// Owner: the registry. Threads: any; it has no mutable members. Errors: Failures only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/auth.h"
#include "connectors/sdk/session.h"
#include "connectors/sdk/settings.h"
#include "gateway/model/http.h"
#include "gateway/model/operation.h"
#include "gateway/model/signal.h"

namespace baton::sdk {

// A file for the vendor to keep with what is written.
struct File {
  File(std::string name_in, std::string type_in, std::string bytes_in)
      : name(std::move(name_in)), type(std::move(type_in)), bytes(std::move(bytes_in)) {}
  std::string name;
  std::string type;  // its media type
  std::string bytes;
};

// What is to be done, ready for the vendor. Valid for the length of one attempt.
struct Order {
  Order(std::string external_id_in, std::string native_key_in, nlohmann::json document_in, Receipt target_in,
        nlohmann::json subject_in, const Settings& settings_in)
      : external_id(std::move(external_id_in)), native_key(std::move(native_key_in)),
        document(std::move(document_in)), target(std::move(target_in)), subject(std::move(subject_in)),
        settings(settings_in) {}

  std::string external_id;  // kept by the vendor with the object; never changes
  std::string native_key;   // for an idempotency header; changes with the intent's generation
  nlohmann::json document;  // in the vendor's shape, rendered by its mapping; null if it has none
  Receipt target;           // the ticket or card to work on, where there is one
  nlohmann::json subject;   // what Baton means: of a read the customer to look for, of a reply the text
  std::vector<File> files;  // of open_ticket: the whole transcript where it is too long to stand inline
  // The document as it is when a file could not be added after all; none where there are no files.
  std::function<Result<nlohmann::json>()> without_files;
  int attempt = 1;      // the first is 1; an attempt that only waited is not counted
  bool urgent = false;  // somebody waits for every second of it
  const Settings& settings;
};

// An operation and its function: `write` for deliveries, `look` for reads.
struct Action {
  Operation operation;
  Task<Receipt> (*write)(const Order&, Session&) = nullptr;
  Task<nlohmann::json> (*look)(const Order&, ReadSession&) = nullptr;
};

enum class Need { required, optional, secret, optional_secret };

struct Field {
  std::string_view name;
  Need need;
  std::string_view fallback;
  std::string_view doc;  // one sentence
  // A sentence about what is wrong with this value and what to do, empty if it may be right. It is asked when
  // the configuration is read, before anything is sent; that of a secret never repeats the value.
  std::string_view (*wrong)(std::string_view value) = nullptr;
};

struct Limits {
  int per_second = 10;  // requests, on average
  int burst = 20;
  int at_once = 4;  // deliveries and reads under way
  // Of a vendor that asks us to wait and does not say how long: the first wait. Each further one is longer,
  // up to the longest; what the vendor says itself is waited whole.
  Duration first_wait = Duration{2'000};
  Duration longest_wait = std::chrono::minutes(15);
  int max_body_bytes = 256 * 1024;
  // In percent of what the vendor itself says that it allows (Quota::limit). Above the first, context is
  // looked up now and then only, above the second not at all: what is left is for writes. 0: the vendor says
  // nothing.
  int slow_lookups_above = 0;
  int stop_lookups_above = 0;
};

// What a vendor counts apart from the rest, such as its searches: reads name it (Read::within). A refusal
// that concerns it alone says so (Failure::budget), and then nothing but its own requests waits. An
// operator's lower limit for the whole account holds for it too.
struct Budget {
  std::string_view name;
  int per_second = 1;
  int burst = 1;
};

// What a lost reply may lead to. A: the vendor's own key or a unique id; B: we look before we
// repeat; C: neither, so a duplicate is possible and a person decides.
enum class Idempotency { a, b, c };

struct Manifest {
  std::string_view name;
  std::string_view title;
  std::string_view api_version;
  Idempotency idempotency = Idempotency::b;  // of its main write
  std::span<const Action> actions;
  std::span<const Field> fields;  // beside base_url, which every destination has
  std::string_view base_url;      // the default; empty: the operator must say
  bool source = false;            // a chat platform: read_events() understands its webhooks
  bool one_address = false;       // its app sends everything to one address: signals, events, commands
  bool tracker = false;      // read by many: customers' addresses are masked in all that is written there
  bool files = false;        // its tickets take files: open_ticket uploads order.files
  int refused_status = 401;  // what its webhooks are answered when they are not genuine
  // And when there are more than their source may send, 429 or 503. To some platforms a 4xx is the last word,
  // and Intercom drops what was put off too often with 429 (fact sheet ingress, sections 4.3, 5 and 7).
  int overload_status = 503;
  Limits limits = {};
  std::span<const Budget> budgets = {};

  // The member of a token's answer that says where requests go from then on; empty: they go to base_url.
  std::string_view address_in_grant = "";

  constexpr const Action* find(Operation operation) const {
    for (const auto& action : actions) {
      if (action.operation == operation) return &action;
    }
    return nullptr;
  }
};

// Used in a static_assert beside each manifest. A chat platform may only speak, and do nothing that is asked
// of it.
constexpr bool well_formed(const Manifest& manifest) {
  for (const auto& field : manifest.fields) {
    if (field.name.empty() || field.doc.empty()) return false;
  }
  for (const auto& action : manifest.actions) {
    if (manifest.find(action.operation) != &action) return false;
    if (is_read(action.operation) ? !action.look : !action.write) return false;
  }
  for (const auto& budget : manifest.budgets) {
    if (budget.name.empty() || budget.per_second < 1 || budget.burst < 1) return false;
  }
  if (manifest.overload_status != 429 && manifest.overload_status != 503) return false;
  if (manifest.limits.slow_lookups_above > manifest.limits.stop_lookups_above) return false;
  return !manifest.name.empty() && !manifest.title.empty() && (manifest.source || !manifest.actions.empty());
}

// One request and what came back.
struct Exchange {
  Exchange(const Request& request_in, bool writes_in, const Reply& reply_in, TimePoint at_in)
      : request(request_in), writes(writes_in), reply(reply_in), at(at_in) {}
  const Request& request;
  bool writes;
  const Reply& reply;
  TimePoint at;
};

// Ordinary HTTP: nothing if the request did its work.
std::optional<Failure> classify_http(const Exchange& seen);

// What the vendor's answer says about its rate limit, where it says anything.
struct Quota {
  std::optional<int> remaining;
  std::optional<TimePoint> resets_at;
  std::optional<int> limit = {};  // of which `remaining` are left
  std::string_view what = {};     // for people: "the account's daily limit"
};

// Verifies what vendors sign, without showing the secrets. `field` names a secret of the manifest;
// while it is being rotated both values are tried.
class Keys {
 public:
  enum class Mac { hmac_sha256, hmac_sha1, shared_value };
  virtual ~Keys() = default;
  // Whether `mac` (raw bytes) is the MAC of `message`; for shared_value: whether it is the secret.
  // Constant time.
  virtual bool matches(Mac kind, std::string_view field, std::string_view message,
                       std::string_view mac) const = 0;
  // The id of a request signed after Standard Webhooks, checked at its received_at.
  virtual Result<std::string> standard_webhook(const RawRequest& request, std::string_view field) const = 0;
};

// What a person typed to Baton where they work; the answer is for them alone, and at once.
struct Command {
  Command(std::string who_in, std::string words_in, Reply (*answer_in)(std::string_view text))
      : who(std::move(who_in)), words(std::move(words_in)), answer(answer_in) {}
  std::string who;    // their id there, proven
  std::string words;  // "presence away 2h"
  Reply (*answer)(std::string_view text);
};

// The vendor says that it has taken the credential back, or the place that is written to: nothing can be sent
// until a person acts.
struct Revocation {
  Revocation(std::string why_in, TimePoint at_in) : why(std::move(why_in)), at(at_in) {}
  std::string why;  // what happened and what to do: "the app was uninstalled: install it again, ..."
  TimePoint at;     // when it happened, by the vendor's clock
};

// The vendor deleted a person for the sake of their privacy: what is held of them here has to go too. Nothing
// brings it back, so only a webhook that is signed may say it.
struct Deletion {
  Deletion(std::string person_in, std::string why_in)
      : person(std::move(person_in)), why(std::move(why_in)) {}
  std::string person;  // the vendor's id of them, as `people` of a context names them
  std::string why;     // for the audit log, which does not say whom
};

// The vendor says that what it took is there again. Only what was parked for one of these reasons goes on.
struct Restoration {
  Restoration(std::vector<std::string> of_in, TimePoint at_in) : of(std::move(of_in)), at(at_in) {}
  std::vector<std::string> of;  // how the reasons begin: a Revocation's `why`, a refusal's detail
  TimePoint at;                 // when it happened, by the vendor's clock, which may know whole seconds only
};

// The vendor says that it keeps notices from us because there are too many: what happened meanwhile is not
// told, and how things stand has to be asked.
struct Withholding {
  Withholding(std::string why_in, TimePoint at_in) : why(std::move(why_in)), at(at_in) {}
  std::string why;  // what happened and what to do
  TimePoint at;     // since when, by the vendor's clock
};

struct Webhook {
  std::vector<Signal> signals;
  std::vector<Deletion> deletions;
  std::optional<Command> command;
  std::optional<Revocation> revoked;    // of this destination
  std::optional<Restoration> restored;  // of this destination
  std::optional<Withholding> withheld;  // from this destination
  Reply answer = Reply(200);            // what the vendor wants to hear, after the signals are journalled
};

// One thing that a chat platform said, in Baton's words.
struct Arrival {
  Arrival(std::string id_in, std::string type_in, nlohmann::json data_in)
      : id(std::move(id_in)), type(std::move(type_in)), data(std::move(data_in)) {}
  std::string id;       // the platform's own id of it: the same id again has no effect
  std::string type;     // "handoff.requested", "handoff.updated", "conversation.resolved", ...
  nlohmann::json data;  // as the published event schema says; conversation.id is required
};

struct Inbound {
  std::vector<Arrival> events;  // none: a ping, an echo of our own, nothing that concerns a handoff
  // What people do where the platform lets them answer: their object_id is the conversation's id. One that
  // concerns no open handoff is dropped.
  std::vector<Signal> signals;
  Reply answer = Reply(200);  // sent when all is journalled
  // For platforms that want to know: the answer made of the handoffs' ids, in the order of the events.
  std::function<Reply(const std::vector<HandoffId>&)> answer_with;
};

// One thing that a probe looked at.
struct Finding {
  Finding(std::string what_in, bool fine_in, std::string remedy_in = {}, bool can_make_in = false)
      : what(std::move(what_in)), remedy(std::move(remedy_in)), fine(fine_in), can_make(can_make_in) {}
  std::string what;    // "the token", "the scope tickets:write", "the property baton_handoff_id"
  std::string remedy;  // what a person does about it; empty if it is fine
  bool fine;
  bool can_make;  // prepare() makes it
};
using Findings = std::vector<Finding>;

// What stands out in settings taken together, where each by itself may be right.
struct Remark {
  Remark(std::string_view field_in, std::string_view text_in, bool refused_in)
      : field(field_in), text(text_in), refused(refused_in) {}
  std::string_view field;
  std::string_view text;  // what it leads to and what to do
  bool refused;           // nothing would work; else it is advice
};

class Connector {
 public:
  virtual ~Connector() = default;
  virtual const Manifest& manifest() const = 0;
  virtual Auth auth(const Settings& settings) const = 0;
  // Asked when the configuration is read. `has`: whether a secret is given.
  virtual std::vector<Remark> judge(const Settings&, const std::function<bool(std::string_view)>& has) const {
    (void)has;
    return {};
  }
  virtual std::optional<Failure> classify(const Exchange& seen) const { return classify_http(seen); }
  virtual Quota quota(const Reply&, TimePoint) const { return {}; }
  // `rejected` for what is forged, late or malformed: answered 401 or 400.
  virtual Result<Webhook> read_webhook(const RawRequest& request, const Keys& keys,
                                       const Settings& settings) const;
  // A chat platform's webhook (manifest().source); `rejected` as above.
  virtual Result<Inbound> read_events(const RawRequest& request, const Keys& keys,
                                      const Settings& settings) const;
  // Asks the vendor, as cheaply as it can, whether the destination will work: credential, scopes, fields. A
  // failure is a finding too; the Task fails only if nothing could be asked.
  virtual Task<Findings> probe(const Settings& settings, ReadSession& session) const;
  // The vendor's id of the person with this e-mail address, as its signals name who acts; empty: it knows
  // nobody. `rejected` where the vendor cannot be asked so.
  virtual Task<std::string> find_person(std::string email, ReadSession& session) const;
  // Makes what probe() found lacking and can_make, and looks again.
  virtual Task<Findings> prepare(const Settings& settings, SetupSession& session) const;
};

using ConnectorPtr = std::unique_ptr<const Connector>;

}  // namespace baton::sdk
