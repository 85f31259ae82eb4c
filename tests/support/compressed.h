// Compressed texts for tests.
#pragma once

#include <string>

namespace copybridge::tests {

/// The text as one gzip member (RFC 1952).
std::string gzip(const std::string& text);
/// The text as one zstd frame (RFC 8878).
std::string zstd(const std::string& text);

}  // namespace copybridge::tests
