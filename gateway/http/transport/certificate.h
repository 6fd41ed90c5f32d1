// Purpose: what a chain of certificates says about itself. Owner: the caller. Threads: any; pure.
// Errors: `misconfigured` if nothing can be read from it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"

namespace baton {

struct CertificateFacts {
  std::string subject;              // the leaf's common name, or its whole name
  TimePoint not_before, not_after;  // the earliest end in the chain: one that ended in the middle is as bad
  std::vector<std::string> names;   // DNS names and addresses of the leaf
  bool whole_chain = false;  // each is issued by the one behind it; a lone one only if it signed itself
  bool self_signed = false;  // the leaf
};

Result<CertificateFacts> read_certificate(std::string_view chain_pem);

// The earliest end in the chain, for whoever watches it; nothing for what is no certificate.
std::optional<TimePoint> certificate_ends(std::string_view chain_pem);

}  // namespace baton
