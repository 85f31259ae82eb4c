// Compression with the libraries themselves.
#include "tests/support/compressed.h"

#include <zlib.h>
#include <zstd.h>

#include <cstdlib>
#include <vector>

namespace copybridge::tests {

std::string gzip(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    std::abort();
  }
  std::vector<Bytef> input(text.begin(), text.end());
  std::string output(deflateBound(&stream, input.size()) + 32, '\0');
  stream.next_in = input.data();
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(output.data());
  stream.avail_out = static_cast<uInt>(output.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  output.resize(output.size() - stream.avail_out);
  deflateEnd(&stream);
  return output;
}

std::string zstd(const std::string& text) {
  std::string output(ZSTD_compressBound(text.size()), '\0');
  output.resize(ZSTD_compress(output.data(), output.size(), text.data(), text.size(), 3));
  return output;
}

}  // namespace copybridge::tests
