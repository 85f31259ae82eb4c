// Decodes two records, the second in two pieces, prints what came of them, and encodes the first.
#include <copybridge/codec.h>

#include <cstdio>
#include <string>
#include <vector>

int main() {
  const char* const copybook =
      "       01  R.\n           05  ID PIC 9(2).\n           05  T PIC X.\n";
  std::string mistakes;
  const auto codec = copybridge::codec::Codec::compile(copybook, "names: snake", mistakes);
  if (codec == nullptr) {
    std::fputs(mistakes.c_str(), stderr);
    return 1;
  }
  std::vector<std::uint8_t> bytes = {0xF0, 0xF1, 0xC1, 0xF0};
  copybridge::codec::Decoder decoder(*codec);
  auto batch = decoder.decode(bytes.data(), bytes.size(), false);
  const std::string lines(batch.json_lines);
  std::fputs(lines.c_str(), stdout);
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(batch.consumed));
  bytes.insert(bytes.end(), {0x40, 0xC2});
  batch = decoder.decode(bytes.data(), bytes.size(), true);
  for (const auto& error : batch.errors)
    std::printf("record %d: %s\n", static_cast<int>(error.record), error.message.c_str());
  const auto encoder = copybridge::codec::Encoder::create(*codec, mistakes);
  const auto encoded = encoder->encode(lines, true);
  for (std::size_t i = 0; i < encoded.size; ++i) std::printf("%02X", encoded.bytes[i]);
  std::printf("\n");
  return 0;
}
