// Purpose: a certificate for one test run, made on the spot: nothing secret lies in the repository.
// Owner: the test. Threads: any. Errors: end the process.
#pragma once

#include <string>

#include "gateway/http/transport/options.h"

namespace baton {

// Self-signed, P-256, for localhost, with `common_name` to tell two of them apart.
TlsIdentity make_identity(const std::string& common_name);

}  // namespace baton
