// Purpose: from a request to the bytes of its answer: calls the handler so that nothing escapes it,
// and writes a Reply as HTTP/1.1.
// Owner: none. Threads: the loop that the handler belongs to. Units: bytes. Errors: become 500.
#pragma once

#include <string>
#include <string_view>

#include "gateway/http/server.h"

namespace baton {

// Yields the handler's reply; a Failure, an exception or a reply that cannot be sent (a status out
// of range, a line break in a header) becomes the 500 problem, without any detail of theirs.
// `handler` and the caller's frame outlive it. Never throws.
// With `misbehaves` a status of 0 passes too.
net::awaitable<Reply> answer(const Handler& handler, RawRequest request, bool misbehaves = false);

struct AnswerForm {
  bool keep_alive = true;
  bool head_only = false;      // HEAD: the length, but no body
  std::string_view date = {};  // as in the Date field
};

// Appends status line and fields to `out`; the body follows unless has_body() says no.
void write_head(const Reply& reply, const AnswerForm& form, std::string& out);
bool has_body(const Reply& reply, const AnswerForm& form);

}  // namespace baton
