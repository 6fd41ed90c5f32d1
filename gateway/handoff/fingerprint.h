// Purpose: which defect an error is, so that customers who met the same one share one bug report, and what
// only looks alike does not (S115, S120). Pure, linear in the length of what it reads.
// Owner: the caller. Threads: any. Errors: none; foreign data of any type, and bytes that are no UTF-8, are
// read as far as they make sense.
//
// An error is told by its parts. Code, component, top of stack and the service that was called decide before
// the message does. A part that one of two errors lacks decides nothing: a report without a stack still finds
// its bug. So there are two ways to find a bug: by `key`, which two gateways compute alike, and, where an
// error came with less or more than the first one did, by the shelves that its parts stand on.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/json_view.h"

namespace baton::handoff {

// Each may be empty: not said. All in lower case, at most 256 bytes.
struct ErrorParts {
  std::string code;        // "psp-502"
  std::string component;   // "payments"
  std::string type;        // "typeerror"
  std::string frame;       // "checkout#submit": file and function of the top of the stack, our own code first
  std::string target;      // "api.stripe.com": the service that the message says was called
  std::string message;     // "order * not found": what varies from customer to customer is a star
  std::string page;        // "/orders/:id"
  bool truncated = false;  // the message ended in dots

  bool operator==(const ErrorParts&) const = default;
};

// The texts among them by name, in the order of a canonical text.
struct NamedPart {
  const char* name;
  std::string ErrorParts::* part;
};
inline constexpr auto kErrorParts = std::to_array<NamedPart>({{"code", &ErrorParts::code},
                                                              {"component", &ErrorParts::component},
                                                              {"type", &ErrorParts::type},
                                                              {"frame", &ErrorParts::frame},
                                                              {"target", &ErrorParts::target},
                                                              {"message", &ErrorParts::message},
                                                              {"page", &ErrorParts::page}});

struct Fingerprint {
  std::string key;  // 32 hex digits: FNV-1a, 128 bits, over canonical(parts)
  ErrorParts parts;
};

// Of an event's data with `errors` and perhaps a `page`: of the error that says most, the first of equals.
// Nothing if there is no error, or none that says anything.
std::optional<Fingerprint> fingerprint(JsonView data);

// The parts that decide, one "name=value" a line. What is equal here is the same defect.
std::string canonical(const ErrorParts& parts);
std::string key_of(const ErrorParts& parts);
// Tells texts apart without showing them: 32 hex digits, FNV-1a, 128 bits.
std::string digest(std::string_view text);

// Whether two errors are one defect, and why, as a person would say it.
struct Verdict {
  bool same = false;
  std::string why;
};
Verdict compare(const ErrorParts& one, const ErrorParts& other);
std::string explain(const ErrorParts& one, const ErrorParts& other);  // "The same defect: ..."

// Where a store keeps a bug and where it looks for one: at most four texts of fixed length. Errors that
// compare() calls the same share at least one shelf.
std::vector<std::string> shelves(const ErrorParts& parts);

// Which of the known ones `seen` belongs to: the one that agrees in most; of equals the first, so give the
// oldest first.
std::optional<std::size_t> find_same(const ErrorParts& seen, std::span<const ErrorParts> known);

// What is known of a defect after one more error: parts that were not known so far are.
ErrorParts joined(ErrorParts known, const ErrorParts& seen);

}  // namespace baton::handoff
