// Purpose: small pure functions over bytes and text that every layer needs: encodings, UTF-8,
// names that are nearly right. Owner: none. Threads: any. Units: bytes, unless a name says so.
// Errors: decoders return nullopt for what is not exactly well-formed.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

std::string to_hex(std::string_view bytes);                        // lower case
std::optional<std::string> from_hex(std::string_view text);        // either case
std::string to_base64(std::string_view bytes);                     // standard alphabet, padded
std::optional<std::string> from_base64(std::string_view text);     // padding required
std::string to_base64url(std::string_view bytes);                  // no padding

// RFC 3986: everything but unreserved characters is escaped.
std::string percent_encode(std::string_view text);
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

bool is_utf8(std::string_view text);
// Every malformed sequence becomes U+FFFD.
std::string to_valid_utf8(std::string_view text);
// The longest prefix of at most `max_bytes` that ends between code points.
std::string_view clip_utf8(std::string_view text, std::size_t max_bytes);
std::size_t count_code_points(std::string_view text);

// ASCII only: header names, enumerators.
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
bool is_any_of(std::string_view text, std::initializer_list<std::string_view> words);  // ignoring case
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);

// The known name that a person most likely meant, or nothing if none is near.
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> known);

}  // namespace baton
