// Purpose: what is read from PEM texts is freed when it is left, and no key may ask for a phrase. Private to
// this folder. Owner: none. Threads: any. Errors: none.
#pragma once

#include <memory>

#include <openssl/bio.h>
#include <openssl/x509.h>

namespace baton {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
using Certificate = std::unique_ptr<X509, FreeCertificate>;

// Encrypted keys are refused: nobody is there to type a phrase.
inline int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace baton
