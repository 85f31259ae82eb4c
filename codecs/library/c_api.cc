// The C functions over codec.h. Nothing is thrown across them.
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "codecs/library/codec.h"
#include "codecs/library/copybridge_codec.h"

using copybridge::codec::Batch;
using copybridge::codec::Codec;
using copybridge::codec::Decoder;
using copybridge::codec::EncodedBatch;
using copybridge::codec::Encoder;

struct copybridge_codec {
  std::unique_ptr<const Codec> codec;
};

struct copybridge_decoder {
  explicit copybridge_decoder(const Codec& codec) : decoder(codec) {}
  Decoder decoder;
  Batch batch;
  std::string lines;
};

struct copybridge_encoder {
  std::unique_ptr<Encoder> encoder;
  EncodedBatch batch;
  std::vector<std::uint8_t> record;
};

namespace {

/// Runs what may throw; `failed` stands for running out of memory, the only reason.
template <typename T, typename Work>
T guarded(T failed, const Work& work) noexcept {
  try {
    return work();
  } catch (...) {
    return failed;
  }
}

char* copy_of(const std::string& text) {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

std::string_view view(const char* text, std::size_t size) {
  return text == nullptr ? std::string_view() : std::string_view(text, size);
}

}  // namespace

extern "C" {

const char* copybridge_version(void) { return copybridge::codec::version(); }

copybridge_codec* copybridge_compile(const char* copybook, size_t copybook_size,
                                     const char* options, size_t options_size, char** mistakes) {
  if (mistakes != nullptr) *mistakes = nullptr;
  return guarded<copybridge_codec*>(nullptr, [&]() -> copybridge_codec* {
    std::string found;
    auto codec = Codec::compile(view(copybook, copybook_size), view(options, options_size), found);
    if (codec == nullptr) {
      if (mistakes != nullptr) *mistakes = copy_of(found);
      return nullptr;
    }
    return new copybridge_codec{std::move(codec)};
  });
}

void copybridge_free(copybridge_codec* codec) { delete codec; }

void copybridge_free_text(char* text) { std::free(text); }

int copybridge_decode_record(const copybridge_codec* codec, const uint8_t* record,
                             size_t record_size, char* buffer, size_t capacity, size_t* size) {
  const bool has_bytes = record != nullptr || record_size == 0;
  if (codec == nullptr || !has_bytes || size == nullptr || (buffer == nullptr && capacity > 0))
    return COPYBRIDGE_BAD_ARGUMENT;
  return guarded<int>(COPYBRIDGE_NO_MEMORY, [&]() -> int {
    std::string json;
    std::string reason;
    const bool is_decoded = codec->codec->decode_record(record, record_size, json, reason);
    const std::string& text = is_decoded ? json : reason;
    *size = text.size();
    if (capacity <= text.size()) return COPYBRIDGE_BUFFER_TOO_SMALL;
    std::memcpy(buffer, text.c_str(), text.size() + 1);
    return is_decoded ? COPYBRIDGE_OK : COPYBRIDGE_BAD_RECORD;
  });
}

copybridge_decoder* copybridge_decoder_new(const copybridge_codec* codec) {
  if (codec == nullptr) return nullptr;
  return guarded<copybridge_decoder*>(nullptr,
                                      [&] { return new copybridge_decoder(*codec->codec); });
}

void copybridge_decoder_free(copybridge_decoder* decoder) { delete decoder; }

int copybridge_decode(copybridge_decoder* decoder, const uint8_t* bytes, size_t size, int is_end,
                      size_t* consumed) {
  if (decoder == nullptr || consumed == nullptr || (bytes == nullptr && size > 0))
    return COPYBRIDGE_BAD_ARGUMENT;
  *consumed = 0;
  return guarded<int>(COPYBRIDGE_NO_MEMORY, [&]() -> int {
    decoder->batch = decoder->decoder.decode(bytes, size, is_end != 0);
    decoder->lines = decoder->batch.json_lines;
    *consumed = decoder->batch.consumed;
    return decoder->batch.framing_error.empty() ? COPYBRIDGE_OK : COPYBRIDGE_BAD_FRAMING;
  });
}

const char* copybridge_json_lines(const copybridge_decoder* decoder, size_t* size) {
  if (size != nullptr) *size = decoder == nullptr ? 0 : decoder->lines.size();
  return decoder == nullptr ? "" : decoder->lines.c_str();
}

uint64_t copybridge_record_count(const copybridge_decoder* decoder) {
  return decoder == nullptr ? 0 : decoder->batch.records;
}

size_t copybridge_error_count(const copybridge_decoder* decoder) {
  return decoder == nullptr ? 0 : decoder->batch.errors.size();
}

const char* copybridge_error(const copybridge_decoder* decoder, size_t index, uint64_t* record) {
  if (decoder == nullptr || index >= decoder->batch.errors.size()) return nullptr;
  if (record != nullptr) *record = decoder->batch.errors[index].record;
  return decoder->batch.errors[index].message.c_str();
}

const char* copybridge_framing_error(const copybridge_decoder* decoder) {
  if (decoder == nullptr || decoder->batch.framing_error.empty()) return nullptr;
  return decoder->batch.framing_error.c_str();
}

copybridge_encoder* copybridge_encoder_new(const copybridge_codec* codec, char** mistakes) {
  if (mistakes != nullptr) *mistakes = nullptr;
  if (codec == nullptr) return nullptr;
  return guarded<copybridge_encoder*>(nullptr, [&]() -> copybridge_encoder* {
    std::string found;
    auto encoder = Encoder::create(*codec->codec, found);
    if (encoder == nullptr) {
      if (mistakes != nullptr) *mistakes = copy_of(found);
      return nullptr;
    }
    return new copybridge_encoder{std::move(encoder), {}, {}};
  });
}

void copybridge_encoder_free(copybridge_encoder* encoder) { delete encoder; }

int copybridge_encode(copybridge_encoder* encoder, const char* json_lines, size_t size, int is_end,
                      size_t* consumed) {
  if (encoder == nullptr || consumed == nullptr || (json_lines == nullptr && size > 0))
    return COPYBRIDGE_BAD_ARGUMENT;
  *consumed = 0;
  return guarded<int>(COPYBRIDGE_NO_MEMORY, [&]() -> int {
    encoder->batch = encoder->encoder->encode(view(json_lines, size), is_end != 0);
    *consumed = encoder->batch.consumed;
    return COPYBRIDGE_OK;
  });
}

int copybridge_encode_record(copybridge_encoder* encoder, const char* json, size_t size) {
  if (encoder == nullptr || (json == nullptr && size > 0)) return COPYBRIDGE_BAD_ARGUMENT;
  return guarded<int>(COPYBRIDGE_NO_MEMORY, [&]() -> int {
    encoder->batch = {};
    encoder->record.clear();
    std::string reason;
    if (!encoder->encoder->encode_record(view(json, size), encoder->record, reason)) {
      encoder->batch.errors.push_back({1, std::move(reason)});
      return COPYBRIDGE_BAD_RECORD;
    }
    encoder->batch.bytes = encoder->record.data();
    encoder->batch.size = encoder->record.size();
    encoder->batch.records = 1;
    return COPYBRIDGE_OK;
  });
}

const uint8_t* copybridge_records(const copybridge_encoder* encoder, size_t* size) {
  if (size != nullptr) *size = encoder == nullptr ? 0 : encoder->batch.size;
  return encoder == nullptr ? nullptr : encoder->batch.bytes;
}

uint64_t copybridge_encoded_count(const copybridge_encoder* encoder) {
  return encoder == nullptr ? 0 : encoder->batch.records;
}

size_t copybridge_line_error_count(const copybridge_encoder* encoder) {
  return encoder == nullptr ? 0 : encoder->batch.errors.size();
}

const char* copybridge_line_error(const copybridge_encoder* encoder, size_t index, uint64_t* line) {
  if (encoder == nullptr || index >= encoder->batch.errors.size()) return nullptr;
  if (line != nullptr) *line = encoder->batch.errors[index].line;
  return encoder->batch.errors[index].message.c_str();
}

}  // extern "C"
