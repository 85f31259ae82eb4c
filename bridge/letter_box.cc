// From a bad record to a dead letter, and from a dead letter to an event.
#include "bridge/letter_box.h"

#include <simdjson.h>

#include <utility>

#include "bridge/core/log.h"
#include "bridge/core/source_time.h"

namespace copybridge::bridge {
namespace {

constexpr std::string_view kEventType = "copybridge.dead_letter";

std::string json_of(const adapters::Attributes& common, const adapters::Attributes* own) {
  std::string json = "{";
  for (const adapters::Attributes* attributes : {&common, own}) {
    if (attributes == nullptr) continue;
    for (const auto& [name, value] : *attributes) append_json_member(json, name, value);
  }
  return json + "}";
}

}  // namespace

DeadLetter make_dead_letter(const std::string& source, const Passage& passage, const BadRecord& bad,
                            std::string time) {
  const ByteView bytes = passage.record(bad.record);
  const adapters::RecordBatch& batch = *passage.batch;
  DeadLetter letter;
  letter.id = passage.event_id(bad.record, bad.mapping);
  letter.record_id = passage.record_id(bad.record);
  letter.destination = bad.destination;
  letter.key = bad.key;
  letter.source = source;
  adapters::Attributes attributes = batch.attributes;
  note_place(passage.place(bad.record), attributes);
  letter.attributes = json_of(
      attributes, batch.record_attributes.empty() ? nullptr : &batch.record_attributes[bad.record]);
  letter.position = batch.position + batch.records[bad.record].offset;
  if (bad.mapping != nullptr) {
    letter.mapping = bad.mapping->name;
    letter.mapping_hash = bad.mapping->mapping_hash;
    letter.copybook = bad.mapping->copybook_file.string();
    letter.copybook_hash = bad.mapping->copybook_hash;
  }
  letter.field = bad.field;
  letter.record.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (const std::int64_t record_time = batch.time_of(bad.record); record_time != 0) {
    letter.record_time = source_time_text(record_time);
  }
  letter.time = std::move(time);
  return letter;
}

adapters::Attributes attributes_of(const DeadLetter& letter) {
  const simdjson::padded_string text(letter.attributes);
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  adapters::Attributes attributes;
  if (parser.parse(text).get(object) != simdjson::SUCCESS) return attributes;
  for (const auto& [name, value] : object) {
    std::string_view content;
    if (value.get(content) == simdjson::SUCCESS) attributes.emplace_back(name, content);
  }
  return attributes;
}

bool LetterBox::is_open(SteadyTime now) const {
  return delivery_ != nullptr && (!delivery_->is_refused() || delivery_->resume_at() <= now);
}

void LetterBox::put(const DeadLetter& letter, Owner owner) {
  auto made = std::make_unique<Letter>();
  made->owner = std::move(owner);
  // The key that a dead letter has in `state`, too.
  const std::string id = letter.id + "@" + letter.destination;
  const std::string body = to_json(letter, true);
  publishers::Event event{};
  event.id = id;
  event.source = event_source_;
  event.type = kEventType;
  event.time = letter.time;
  event.body = body;
  made->passage.keep_event(event);
  Passage& passage = made->passage;
  letters_.emplace(&passage, std::move(made));
  delivery_->enqueue(passage, 0);
}

LetterBox::Owner LetterBox::take(const Passage* letter) {
  const auto found = letters_.find(letter);
  Owner owner = std::move(found->second->owner);
  letters_.erase(found);
  return owner;
}

std::vector<LetterBox::Owner> LetterBox::take_refused() {
  std::vector<Owner> owners;
  if (delivery_ == nullptr || !delivery_->is_refused() || delivery_->in_flight() > 0) return owners;
  delivery_->abandon();
  for (auto& [passage, letter] : letters_) owners.push_back(std::move(letter->owner));
  letters_.clear();
  return owners;
}

}  // namespace copybridge::bridge
