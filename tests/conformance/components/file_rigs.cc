// Where the publishers file and stdout write.
#include <fcntl.h>
#include <unistd.h>

#include <iostream>

#include "tests/conformance/components/rig.h"

namespace copybridge::publishers {
namespace {

class FileRig final : public Rig {
 public:
  std::string options() const override {
    return "{path: '" + (folder_.path() / "{name}.jsonl").string() + "'}";
  }
  std::size_t received() override { return lines(); }
};

/// Standard output goes to a file meanwhile.
class StdoutRig final : public Rig {
 public:
  StdoutRig() : saved_(::dup(STDOUT_FILENO)) {
    std::cout.flush();
    const int file = ::open((folder_.path() / "out").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::close(file);
  }
  ~StdoutRig() override {
    std::cout.flush();
    ::dup2(saved_, STDOUT_FILENO);
    ::close(saved_);
  }
  std::string options() const override { return "{}"; }
  std::size_t received() override { return lines(); }

 private:
  int saved_;
};

const RigRow kRigs[] = {{"file", "file", make_rig<FileRig>},
                        {"stdout", "stdout", make_rig<StdoutRig>}};
const RegisteredRigs kRegistered{kRigs};

}  // namespace
}  // namespace copybridge::publishers
