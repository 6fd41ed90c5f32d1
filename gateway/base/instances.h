// Purpose: the parts of nlohmann::json and of std::string that every file would else compile for itself,
// compiled once; under a sanitizer they alone are optimised, for all others call them (in C++20 the library
// has no std::string of its own for us). Only the precompiled headers include it. Owner: the build. Threads,
// errors: none.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

extern template class std::basic_string<char>;
extern template class std::basic_string_view<char>;
extern template class std::vector<std::string>;

extern template class nlohmann::basic_json<>;
extern template class nlohmann::detail::serializer<nlohmann::json>;
extern template class std::map<std::string, nlohmann::json, std::less<>>;
extern template class std::vector<nlohmann::json>;

// Reading JSON out of a std::string and out of a std::string_view.
namespace nlohmann::detail {
using OfString = iterator_input_adapter<std::string::const_iterator>;
using OfView = iterator_input_adapter<const char*>;
extern template class lexer<json, OfString>;
extern template class lexer<json, OfView>;
extern template class parser<json, OfString>;
extern template class parser<json, OfView>;
extern template class json_sax_dom_parser<json>;
extern template class json_sax_dom_callback_parser<json>;
}  // namespace nlohmann::detail
extern template nlohmann::json nlohmann::json::parse(const std::string&, parser_callback_t, bool, bool);
extern template nlohmann::json nlohmann::json::parse(std::string&, parser_callback_t, bool, bool);
extern template nlohmann::json nlohmann::json::parse(std::string&&, parser_callback_t, bool, bool);
extern template nlohmann::json nlohmann::json::parse(std::string_view&, parser_callback_t, bool, bool);
extern template nlohmann::json nlohmann::json::parse(const std::string_view&, parser_callback_t, bool, bool);
