// Where the adapter file reads.
#include <fstream>

#include "tests/conformance/components/place.h"

namespace copybridge::tests {
namespace {

namespace fs = std::filesystem;

class Folder final : public Place {
 public:
  explicit Folder(fs::path path) : path_(std::move(path)) { fs::create_directories(path_ / "in"); }
  std::string options() const override {
    return "{path: 'in/*.dat', recfm: F, lrecl: 8, settle_time_ms: 0, batch_records_max: 4}";
  }
  void feed(const std::vector<std::string>& records) override {
    std::ofstream file(path_ / "new", std::ios::binary);
    for (const std::string& record : records) file << record;
    file.close();
    fs::rename(path_ / "new", path_ / "in" / (records.front() + ".dat"));
  }

 private:
  fs::path path_;
};

const AdapterRig kRigs[] = {{"file", Behind::nothing, make_place<Folder>},
                            {"file", Behind::spool, make_place<Folder>}};
const RegisteredRigs kRegistered{kRigs};
}  // namespace
}  // namespace copybridge::tests
