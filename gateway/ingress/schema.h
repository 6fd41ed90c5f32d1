// Purpose: holds an event against the published schemas and says everything that is wrong with it at
// once: where, what, what is allowed, and what was probably meant.
// Owner: whoever receives events; made once at start. Threads: any, validate() shares nothing.
// Units: lengths in code points. Errors: FieldErrors with a stable code:
//   required unknown_field bad_name wrong_type not_allowed out_of_range too_short too_long bad_format
//   bad_timestamp too_few_items too_many_items too_many_fields, and too_many_errors as the last of 100
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/ingress/schemas/read.h"
#include "gateway/model/problem.h"

namespace baton {

class Rules;

class EventValidator {
 public:
  static constexpr std::size_t kMaxErrors = 100;

  EventValidator();
  ~EventValidator();

  // Nothing if the event is valid: the CloudEvents envelope, then `data` after the schema of `type`.
  std::vector<FieldError> validate(const nlohmann::json& event) const;

 private:
  std::unique_ptr<const Rules> rules_;
};

}  // namespace baton
