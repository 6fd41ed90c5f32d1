// Purpose: finds what looks like a credential in a text, whoever it belongs to: authorization headers,
// key prefixes of vendors, fields named like a password, card numbers. Rather too much than too little.
// Owner: Redactor. Threads: any; pure. Units: bytes. Errors: none.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace baton::secrets {

struct Span {
  std::size_t begin = 0, end = 0;
  bool operator==(const Span&) const = default;
};

// Appends to `found`, in no particular order; spans may overlap. `emails`: addresses too.
void find_credentials(std::string_view text, bool emails, std::vector<Span>& found);

}  // namespace baton::secrets
