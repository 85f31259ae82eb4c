// Recycling of batches.
#include "adapters/adapter.h"

namespace copybridge::adapters {

void RecordBatch::reset() {
  bytes.clear();
  records.clear();
  id_prefix.clear();
  first_number = 1;
  ids.clear();
  position = 0;
  time_ms = 0;
  record_times_ms.clear();
  attributes.clear();
  record_attributes.clear();
  is_notice = false;
  notice_type.clear();
  token = 0;
  memory = 0;
}

}  // namespace copybridge::adapters
