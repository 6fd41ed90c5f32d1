// Purpose: the ways in which a secret is written in URLs and JSON, into text that is wiped.
// Owner: the caller. Threads: any. Units: bytes. Errors: none; any bytes can be written.
#pragma once

#include <string_view>

#include "secrets/wiped.h"

namespace baton::secrets {

// JSON printers agree on what must be escaped and differ in what else they escape.
struct JsonStyle {
  bool ascii_only = false;      // everything beyond ASCII as \uXXXX
  bool slash = false;           // '/' as "\/"
  std::string_view as_unicode;  // these as \u00XX, for use inside of HTML
};
void append_json_escaped(WipedText& out, std::string_view text, const JsonStyle& style = {});
// Everything but unreserved characters (RFC 3986).
void append_percent_encoded(WipedText& out, std::string_view text, bool lower_case_digits);
void append_hex(WipedText& out, std::string_view bytes, bool upper_case);
void append_base64(WipedText& out, std::string_view bytes, bool url_alphabet);  // no padding

}  // namespace baton::secrets
