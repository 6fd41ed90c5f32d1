#include "gateway/http/curl/outcome.h"

#include "gateway/base/mutant.h"

namespace baton {
namespace {

// What every request of this destination will meet until a person changes something.
bool is_configuration(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_LOGIN_DENIED:  // a user name in the URL
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER: return true;
    default: return false;
  }
}

std::string_view advice(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return "; the request was not sent. Check the host name, or add the private authority's certificate as "
             "`ca_file`";
    case CURLE_SSL_CACERT_BADFILE: return "; the request was not sent. Check `ca_file`";
    default: return "; the request was not sent";
  }
}

}  // namespace

Failure to_failure(const Ending& ending) {
  const auto told =
      ending.what + ": " + (ending.reason.empty() ? curl_easy_strerror(ending.code) : ending.reason);
  if (ending.bytes_sent && !BATON_MUTANT(lost_answer_is_no))
    return Failure(FailureKind::ambiguous, told + "; the request may have taken effect");
  const auto kind = is_configuration(ending.code) ? FailureKind::misconfigured : FailureKind::retryable;
  return Failure(kind, told + std::string(advice(ending.code)));
}

}  // namespace baton
