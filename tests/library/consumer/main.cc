// Decodes two records, the second in two pieces, and prints what came of them.
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
  std::printf("%.*s", static_cast<int>(batch.json_lines.size()), batch.json_lines.data());
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(batch.consumed));
  bytes.insert(bytes.end(), {0x40, 0xC2});
  batch = decoder.decode(bytes.data(), bytes.size(), true);
  for (const auto& error : batch.errors)
    std::printf("record %d: %s\n", static_cast<int>(error.record), error.message.c_str());
  return 0;
}
