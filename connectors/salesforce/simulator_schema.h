// Purpose: the objects and fields of the simulated org that Baton meets (fact sheet, sections 3.2, 3.4, 3.5).
// Owner: static data. Threads: any.
#pragma once

#include <span>
#include <string_view>

namespace baton::salesforce::simulated {

enum class Kind { id, text, long_text, email, picklist, reference, flag, number, date, instant };

struct FieldRule {
  std::string_view name;
  Kind kind;
  int length = 0;
  std::string_view more = {};  // of a reference its objects, of a picklist its values, with commas
  bool writable = true;
  bool required = false;
};

struct Object {
  std::string_view name;
  std::string_view prefix;  // of its ids
  std::span<const FieldRule> fields;
  bool writable = false;
};

std::span<const Object> objects();
const Object* find_object(std::string_view name);      // ignoring case
const Object* find_object_by_id(std::string_view id);  // by its prefix
std::string_view api_name(Kind kind);                  // as describe says it
inline constexpr std::string_view kHandoffId = "Baton_Handoff_Id__c";

}  // namespace baton::salesforce::simulated
