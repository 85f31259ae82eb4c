// The walk over the JSON text, with simdjson's on-demand reader: every member goes straight to its
// bytes, in whatever order members come.
#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "codecs/encode/json_check.h"
#include "codecs/encode/kernels.h"
#include "codecs/encode/settle.h"

namespace copybridge::encode {

namespace ondemand = simdjson::ondemand;

static_assert(simdjson::SIMDJSON_PADDING <= kReadableTail);

/// One parser per document that is open at a time.
struct JsonReader::Parsers {
  ondemand::parser record;
  ondemand::parser member;
};

namespace {

bool refuse_json(simdjson::error_code error, Frame& frame) {
  frame.detail = static_cast<std::uint64_t>(error);
  return refuse(frame, Fault::no_json, nullptr);
}

bool is_null(Token token) { return token == "null"; }

/// A string that is left for simdjson to skip passes for a key where a colon follows it.
simdjson::error_code take_string(ondemand::value& json) {
  if (json.raw_json_token().front() != '"') return simdjson::SUCCESS;
  return json.get_raw_json_string().error();
}

class Walk {
 public:
  explicit Walk(Frame& frame) : frame_(frame), program_(*frame.program) {}

  bool members(ondemand::object object, const Object& plan) {
    const std::uint64_t serial = ++frame_.serial;
    std::uint32_t next = 0;
    std::uint32_t required = 0;
    for (auto item : object) {
      ondemand::field field;
      if (const auto error = std::move(item).get(field)) return refuse_json(error, frame_);
      ondemand::value json = field.value();
      if (const auto error = take_string(json)) return refuse_json(error, frame_);
      const Member* member = find(plan, field.key().raw(), next);
      if (member == nullptr) {
        if (!unknown(field, json)) return false;
        continue;
      }
      next = static_cast<std::uint32_t>(member - plan.members.data()) + 1;
      if (frame_.seen[member->id] == serial) return refuse(frame_, Fault::twice, member);
      frame_.seen[member->id] = serial;
      if (member->is_required) ++required;
      if (!value(plan, *member, json)) return false;
    }
    if (required == plan.required && plan.arms.empty()) return true;
    return check_missing(plan, serial);
  }

  // One member's value. Alternatives that share a name wait until the record is whole.
  bool value(const Object& plan, const Member& member, ondemand::value json) {
    return member.is_shared ? put_off(plan, member, json) : any(member, json);
  }

  bool scalar(const Member& member, Token token) {
    if (member.kind == Member::Kind::field)
      return field(member, *member.field, token, nullptr, true);
    if (is_null(token)) return no_value(member, 0, token, nullptr);
    const bool is_table = member.kind == Member::Kind::table;
    return refuse(frame_, is_table ? Fault::not_array : Fault::not_object, &member, token);
  }

  bool any(const Member& member, ondemand::value json) {
    switch (member.kind) {
      case Member::Kind::field:
        return field(member, *member.field, json::without_blanks(json.raw_json_token()), &json,
                     true);
      case Member::Kind::object:
        return object(member, json);
      case Member::Kind::table:
        return table(member, json);
      case Member::Kind::condition:
        return condition(member, json);
      case Member::Kind::renamed:
        return renamed(member, json);
      case Member::Kind::kept:
        return take_text(json, frame_.kept[member.kept]);
      case Member::Kind::ignored:
        return pass_over(json);
    }
    return true;
  }

 private:
  // -- members by name

  [[nodiscard]] bool is_key(const std::string& name, const char* key) const {
    return static_cast<std::size_t>(frame_.text_end - key) > name.size() &&
           std::memcmp(key, name.data(), name.size()) == 0 && key[name.size()] == '"';
  }

  static Token key_token(const char* key) {
    const char* end = key;
    while (json::next_character(end) < json::kBadCharacter) {
    }
    return {key - 1, static_cast<std::size_t>(end - key) + 2};
  }

  const Member* find(const Object& plan, const char* key, std::uint32_t next) {
    if (next < plan.members.size() && is_key(plan.members[next].name, key) &&
        !plan.members[next].is_shared)
      return &plan.members[next];
    const auto name = json::unescape(key_token(key), frame_.name);
    if (!name) return nullptr;
    const auto found = plan.by_name.find(*name);
    return found == plan.by_name.end() ? nullptr : &plan.members[found->second];
  }

  bool check_missing(const Object& plan, std::uint64_t serial) {
    if (program_.options.missing == Missing::initial || frame_.has_raw) return true;
    for (const Member& member : plan.members)
      if (member.is_required && frame_.seen[member.id] != serial && !is_set_by_table(member))
        return refuse(frame_, Fault::missing, &member);
    for (const std::uint32_t id : plan.arms) {
      if (!frame_.arms[id].has_value) continue;
      for (const std::uint32_t place : program_.arms[id].members) {
        const Member& member = plan.members[place];
        if (frame_.seen[member.id] != serial && !is_set_by_table(member))
          return refuse(frame_, Fault::missing, &member);
      }
    }
    return true;
  }

  // A counter that is not given takes the number of elements.
  [[nodiscard]] bool is_set_by_table(const Member& member) const {
    return member.kind == Member::Kind::field && member.field->counter != kNone &&
           frame_.counters[member.field->counter].elements >= 0;
  }

  // The text of a value, whatever it is.
  bool take_text(ondemand::value& json, Token& token) {
    std::string_view text;
    ondemand::json_type type{};
    if (const auto error = json.type().get(type)) return refuse_json(error, frame_);
    simdjson::error_code error = simdjson::SUCCESS;
    if (type == ondemand::json_type::object) {
      ondemand::object object;
      error = json.get_object().get(object);
      if (error == simdjson::SUCCESS) error = object.raw_json().get(text);
    } else if (type == ondemand::json_type::array) {
      ondemand::array array;
      error = json.get_array().get(array);
      if (error == simdjson::SUCCESS) error = array.raw_json().get(text);
    } else {
      text = json.raw_json_token();
    }
    token = json::without_blanks(text);
    return error == simdjson::SUCCESS || refuse_json(error, frame_);
  }

  bool unknown(ondemand::field& field, ondemand::value& json) {
    const Token key = key_token(field.key().raw());
    if (program_.options.unknown != Unknown::ignore)
      return refuse(frame_, Fault::unknown_member, nullptr, key);
    const bool is_name = json::unescape(key, frame_.name).has_value();
    return is_name ? pass_over(json) : refuse_json(simdjson::STRING_ERROR, frame_);
  }

  bool pass_over(ondemand::value& json) {
    const auto error = check_json(json);
    return error == simdjson::SUCCESS || refuse_json(error, frame_);
  }

  bool renamed(const Member& member, ondemand::value& json) {
    Token text;
    if (!take_text(json, text)) return false;
    frame_.renames.push_back({&member, text});
    return true;
  }

  bool put_off(const Object& plan, const Member& member, ondemand::value& json) {
    const Member& first = plan.members[plan.by_name.at(member.name)];
    Token text;
    if (!take_text(json, text)) return false;
    frame_.arms[first.arm].is_put_off = true;
    frame_.members.push_back({&plan, &first, text, frame_.place});
    return true;
  }

  // -- values

  void note_value(std::uint32_t arm) {
    if (arm == kNone) return;
    start_arm(arm, frame_);
    for (; arm != kNone; arm = program_.arms[arm].parent) frame_.arms[arm].has_value = true;
  }

  // Null in place of an alternative, or behind the end of an accepted short record.
  bool no_value(const Member& member, std::uint64_t address, Token token, const Field* field) {
    if (member.arm != kNone) {
      frame_.arms[member.arm].has_null = true;
      // The alternative around it may have a value all the same: of another one within it.
      for (std::uint32_t arm = program_.arms[member.arm].parent; arm != kNone;
           arm = program_.arms[arm].parent)
        frame_.arms[arm].has_null_within = true;
      return true;
    }
    if (!program_.accept_short) return refuse(frame_, Fault::no_value, &member, token, field);
    note_absent(address);
    return true;
  }

  void note_absent(std::uint64_t address) {
    frame_.absent_from = std::min(frame_.absent_from, place_of(address));
  }

  // Where an address is in the record with all tables at their largest, whatever its layer.
  [[nodiscard]] std::uint64_t place_of(std::uint64_t address) const {
    return static_cast<std::uint64_t>(frame_.at(address) - frame_.image) % program_.layer_size;
  }

  bool object(const Member& member, ondemand::value& json) {
    const Token token = json::without_blanks(json.raw_json_token());
    if (is_null(token)) return no_value(member, address_of(member.item), token, nullptr);
    ondemand::object members_of;
    if (json.get_object().get(members_of) != simdjson::SUCCESS)
      return refuse(frame_, Fault::not_object, &member, token);
    note_value(member.arm);
    push({&member.name, 0});
    if (!members(members_of, *member.object)) return false;
    --frame_.place.path_size;
    return true;
  }

  [[nodiscard]] std::uint64_t address_of(copybook::ItemIndex item) const {
    return program_.layout->items[item].offset;
  }

  void push(const PathStep& step) { frame_.place.path[frame_.place.path_size++] = step; }

  bool table(const Member& member, ondemand::value& json) {
    const Token token = json::without_blanks(json.raw_json_token());
    const Table& plan = *member.table;
    if (is_null(token)) return no_value(member, plan.address, token, nullptr);
    ondemand::array array;
    if (json.get_array().get(array) != simdjson::SUCCESS)
      return refuse(frame_, Fault::not_array, &member, token);
    note_value(member.arm);
    Place& place = frame_.place;
    const std::int64_t displacement = place.displacement;
    push({&member.name, 0});
    push({});
    ++place.depth;
    std::uint32_t count = 0;
    for (auto item : array) {
      ondemand::value element;
      // simdjson's get() wants an rvalue.
      auto error = std::move(item).get(element);  // NOLINT(performance-move-const-arg)
      if (error == simdjson::SUCCESS) error = take_string(element);
      if (error) return refuse_json(error, frame_);
      if (count < plan.count_max && !occurrence(member, plan, count, element)) return false;
      ++count;
    }
    --place.depth;
    place.path_size -= 2;
    place.displacement = displacement;
    return end_table(member, plan, count);
  }

  bool occurrence(const Member& member, const Table& plan, std::uint32_t index,
                  ondemand::value& json) {
    Place& place = frame_.place;
    place.subscripts[place.depth - 1] = index + 1;
    place.at_depth[place.depth] = place.displacement;
    place.path[place.path_size - 1].index = index;
    begin_block(plan.block, frame_);
    if (plan.field != nullptr) {
      const Token token = json::without_blanks(json.raw_json_token());
      if (!field(member, *plan.field, token, &json, false)) return false;
    } else {
      ondemand::object members_of;
      if (json.get_object().get(members_of) != simdjson::SUCCESS)
        return refuse(frame_, Fault::not_object, nullptr,
                      json::without_blanks(json.raw_json_token()));
      if (!members(members_of, *plan.object)) return false;
    }
    if (!settle_block(plan.block, frame_)) return false;
    place.displacement += plan.stride;
    return true;
  }

  bool end_table(const Member& member, const Table& plan, std::uint32_t count) {
    frame_.detail = count;
    if (count > plan.count_max) return refuse(frame_, Fault::many_elements, &member);
    // Occurrences behind the end of a short record are not printed.
    const bool is_cut = frame_.is_raw_short && plan.counter != kNone &&
                        static_cast<std::int64_t>(count) < count_of(plan, frame_);
    if (is_cut) return true;
    if (plan.counter != kNone && !take_count(member, plan, count))
      return refuse(frame_, Fault::counter, &member);
    const bool is_whole = plan.counter != kNone ? count >= plan.count_min : count == plan.count_max;
    if (is_whole) return true;
    if (program_.accept_short) {
      note_absent(plan.address + std::uint64_t{count} * plan.stride);
      return true;
    }
    const bool may_lack = plan.counter == kNone && program_.options.missing == Missing::initial;
    return may_lack || refuse(frame_, Fault::few_elements, &member);
  }

  // False where no value of the counter gives this array and those before it.
  bool take_count(const Member& member, const Table& plan, std::uint32_t count) {
    CounterState& counter = frame_.counters[plan.counter];
    counter.elements = count;
    note_member(counter, &member);
    const bool may_be_less = plan.is_clamped && count == plan.count_min;
    const bool may_be_more = plan.is_clamped && count == plan.count_max;
    if (!may_be_less) counter.least = std::max<std::int64_t>(counter.least, count);
    if (!may_be_more) counter.most = std::min<std::int64_t>(counter.most, count);
    return counter.least <= counter.most;
  }

  /// Where a counter's fault is to be reported.
  void note_member(CounterState& counter, const Member* member) {
    const Place& place = frame_.place;
    counter.member = member;
    counter.path_begin = frame_.paths.size();
    counter.path_size = place.path_size;
    frame_.paths.insert(frame_.paths.end(), place.path.begin(),
                        place.path.begin() + static_cast<std::ptrdiff_t>(place.path_size));
  }

  void note_given(const Field& plan, const Member* member) {
    if (plan.counter == kNone) return;
    CounterState& counter = frame_.counters[plan.counter];
    counter.is_given = true;
    if (counter.elements < 0) note_member(counter, member);
  }

  bool condition(const Member& member, ondemand::value& json) {
    const Token token = json::without_blanks(json.raw_json_token());
    if (token != "true" && token != "false")
      return refuse(frame_, Fault::wants_boolean, &member, token);
    frame_.conditions.push_back({&member, token == "true", frame_.place});
    return true;
  }

  // `json` is null for a scalar that stands alone.
  bool field(const Member& member, const Field& plan, Token token, ondemand::value* json,
             bool is_member) {
    // The path already names the occurrence of a table.
    const Member* const named = is_member ? &member : nullptr;
    if (token.empty()) return refuse_json(simdjson::TAPE_ERROR, frame_);
    if (is_null(token) && !plan.has_null && !frame_.has_raw) {
      if (is_member) return no_value(member, plan.address, token, &plan);
      if (!program_.accept_short) return refuse(frame_, Fault::no_value, named, token, &plan);
      note_absent(plan.address);
      return true;
    }
    if (is_member) note_field(member, token);
    if (frame_.has_raw) return changed_field(plan, named, token, json);
    return report(write(plan, token, json, frame_.at(plan.address)), plan, named, token);
  }

  void note_field(const Member& member, Token token) {
    if (member.arm == kNone) return;
    if (!is_null(token)) return note_value(member.arm);
    start_arm(member.arm, frame_);
    if (member.field->has_null) {
      frame_.arms[member.arm].has_null_value = true;
    } else {
      frame_.arms[member.arm].has_null = true;
    }
  }

  bool report(Fault fault, const Field& plan, const Member* member, Token token) {
    if (fault != Fault::none) return refuse(frame_, fault, member, token, &plan);
    note_given(plan, member);
    if (program_.accept_short)
      frame_.present_to = std::max(frame_.present_to, place_of(plan.address) + plan.size);
    return true;
  }

  Fault write(const Field& plan, Token token, ondemand::value* json, std::uint8_t* out) {
    if (json != nullptr && token.front() == '{' && plan.accepts_raw)
      return write_raw(plan, *json, out);
    return write_value(plan, token, out, frame_);
  }

  // {"raw":"…"}: bytes as they are.
  Fault write_raw(const Field& plan, ondemand::value& json, std::uint8_t* out) {
    ondemand::object members_of;
    if (json.get_object().get(members_of) != simdjson::SUCCESS) return Fault::raw_hex;
    bool is_read = false;
    for (auto item : members_of) {
      ondemand::field only;
      if (std::move(item).get(only) != simdjson::SUCCESS || is_read ||
          !is_key("raw", only.key().raw()))
        return Fault::raw_hex;
      const Token token = json::without_blanks(only.value().raw_json_token());
      if (write_hex(plan, token, out, frame_) != Fault::none) return Fault::raw_hex;
      is_read = true;
    }
    return is_read ? Fault::none : Fault::raw_hex;
  }

  // Against the record in _raw: only what decoding prints in another way is written.
  bool changed_field(const Field& plan, const Member* member, Token token, ondemand::value* json) {
    if (is_null(token) && frame_.is_raw_short) return true;
    std::uint8_t* const bytes = frame_.at(plan.address);
    const std::string_view was = decoded(plan, bytes, frame_.was, frame_);
    if (!was.empty() && was == token) return unchanged(plan, member);
    const Fault fault = write(plan, token, json, frame_.scratch.data());
    if (fault == Fault::no_value && member != nullptr && member->arm != kNone)
      return report(Fault::none, plan, member, token);
    if (fault != Fault::none) return report(fault, plan, member, token);
    if (!was.empty() && was == decoded(plan, frame_.scratch.data(), frame_.is, frame_))
      return unchanged(plan, member);
    std::memcpy(bytes, frame_.scratch.data(), plan.size);
    note_change(plan.arm, frame_);
    return report(Fault::none, plan, member, token);
  }

  // The record in _raw says how much of the field there is: its end may cut a text.
  bool unchanged(const Field& plan, const Member* member) {
    note_given(plan, member);
    return true;
  }

  Frame& frame_;
  const Program& program_;
};

}  // namespace

JsonReader::JsonReader() : parsers_(std::make_unique<Parsers>()) {}
JsonReader::~JsonReader() = default;

bool JsonReader::read_raw(std::string_view json, ByteBuffer& raw, Frame& frame) {
  static const std::string raw_name = "_raw";
  ondemand::document document;
  ondemand::object object;
  auto error =
      parsers_->record.iterate(json.data(), json.size(), json.size() + kReadableTail).get(document);
  if (error == simdjson::SUCCESS) error = document.get_object().get(object);
  if (error == simdjson::INCORRECT_TYPE) return refuse(frame, Fault::not_object, nullptr);
  if (error != simdjson::SUCCESS) return refuse_json(error, frame);
  ondemand::value value;
  error = object.find_field(raw_name).get(value);
  if (error == simdjson::NO_SUCH_FIELD) return true;
  if (error != simdjson::SUCCESS) return refuse_json(error, frame);
  const Token token = json::without_blanks(value.raw_json_token());
  const bool is_text = token.size() >= 2 && token.front() == '"';
  raw.clear();
  if (!is_text || !from_hex(token.substr(1, token.size() - 2), raw)) {
    refuse(frame, Fault::raw_hex, nullptr, token);
    frame.failure.member = &raw_name;
    return false;
  }
  frame.has_raw = true;
  return true;
}

bool JsonReader::read_record(std::string_view json, Frame& frame) {
  ondemand::document document;
  ondemand::object object;
  auto error =
      parsers_->record.iterate(json.data(), json.size(), json.size() + kReadableTail).get(document);
  if (error == simdjson::SUCCESS) error = document.get_object().get(object);
  if (error == simdjson::INCORRECT_TYPE) return refuse(frame, Fault::not_object, nullptr);
  if (error != simdjson::SUCCESS) return refuse_json(error, frame);
  begin_block(frame.program->block, frame);
  if (!Walk(frame).members(object, *frame.program->root)) return false;
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return refuse_json(simdjson::TRAILING_CONTENT, frame);
  return settle_block(frame.program->block, frame);
}

bool JsonReader::read_put_off(Token text, const Member& member, Frame& frame) {
  if (text.empty() || (text.front() != '{' && text.front() != '['))
    return Walk(frame).scalar(member, text);
  ondemand::document document;
  ondemand::value value;
  auto error =
      parsers_->member.iterate(text.data(), text.size(), text.size() + kReadableTail).get(document);
  if (error == simdjson::SUCCESS) error = document.get_value().get(value);
  if (error != simdjson::SUCCESS) return refuse_json(error, frame);
  return Walk(frame).any(member, value);
}

}  // namespace copybridge::encode
