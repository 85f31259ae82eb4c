// Headers at the front of message data. Their integers and characters are as the Encoding and
// CodedCharSetId before them say, so they may be big-endian and EBCDIC: copy, then convert.
#pragma once

#include <array>
#include <cstdint>

#include "adapters/ibm_mq/mqi_calls.h"
#include "adapters/ibm_mq/mqi_constants.h"
#include "adapters/ibm_mq/mqi_types.h"

namespace copybridge::mqi {

struct MQRFH2 {
  Chars<4> struc_id{'R', 'F', 'H', ' '};
  Long version = 2;
  Long struc_length = 36;
  Long encoding = encoding::kNative;
  Long coded_char_set_id = ccsid::kInherit;
  Chars<8> format = format::kNone;
  Long flags = 0;
  Long name_value_ccsid = 1208;
};

struct MQDLH {
  Chars<4> struc_id{'D', 'L', 'H', ' '};
  Long version = 1;
  Long reason = 0;
  Chars<48> dest_q_name{};
  Chars<48> dest_q_mgr_name{};
  Long encoding = 0;
  Long coded_char_set_id = 0;
  Chars<8> format = format::kNone;
  Long put_appl_type = 0;
  Chars<28> put_appl_name{};
  Chars<8> put_date{};
  Chars<8> put_time{};
};

struct MQIIH {
  Chars<4> struc_id{'I', 'I', 'H', ' '};
  Long version = 1;
  Long struc_length = 84;
  Long encoding = 0;
  Long coded_char_set_id = 0;
  Chars<8> format = format::kNone;
  Long flags = 0;
  Chars<8> lterm_override = kBlank8;
  Chars<8> mfs_map_name = kBlank8;
  Chars<8> reply_to_format = format::kNone;
  Chars<8> authenticator = kBlank8;
  Bytes<16> tran_instance_id{};
  char tran_state = ' ';
  char commit_mode = '0';
  char security_scope = 'C';
  char reserved = ' ';
};

struct MQCIH {
  static constexpr Long kLengthV1 = 164;
  static constexpr Long kLengthV2 = 180;

  Chars<4> struc_id{'C', 'I', 'H', ' '};
  Long version = 2;
  Long struc_length = 180;
  Long encoding = 0;
  Long coded_char_set_id = 0;
  Chars<8> format = format::kNone;
  Long flags = 0;
  Long return_code = 0;
  Long comp_code = 0;
  Long reason = 0;
  Long uow_control = uow::kOnly;
  Long get_wait_interval = -2;
  Long link_type = 1;
  Long output_data_length = -1;
  Long facility_keep_time = 0;
  Long ads_descriptor = 0;
  Long conversational_task = 0;
  Long task_end_status = 0;
  Bytes<8> facility{};
  Chars<4> function = kBlank4;
  Chars<4> abend_code = kBlank4;
  Chars<8> authenticator = kBlank8;
  Chars<8> reserved1 = kBlank8;
  Chars<8> reply_to_format = format::kNone;
  Chars<4> remote_sys_id = kBlank4;
  Chars<4> remote_trans_id = kBlank4;
  Chars<4> transaction_id = kBlank4;
  Chars<4> facility_like = kBlank4;
  Chars<4> attention_id = kBlank4;
  Chars<4> start_code = kBlank4;
  Chars<4> cancel_code = kBlank4;
  Chars<4> next_transaction_id = kBlank4;
  Chars<8> reserved2 = kBlank8;
  Chars<8> reserved3 = kBlank8;
  // end of version 1
  Long cursor_position = 0;
  Long error_offset = 0;
  Long input_item = 0;
  Long reserved4 = 0;
};

struct MQMDE {
  Chars<4> struc_id{'M', 'D', 'E', ' '};
  Long version = 2;
  Long struc_length = 72;
  Long encoding = encoding::kNative;
  Long coded_char_set_id = 0;
  Chars<8> format = format::kNone;
  Long flags = 0;
  Bytes<24> group_id{};
  Long msg_seq_number = 1;
  Long offset = 0;
  Long msg_flags = 0;
  Long original_length = -1;
};

struct MQXQH {
  Chars<4> struc_id{'X', 'Q', 'H', ' '};
  Long version = 1;
  Chars<48> remote_q_name{};
  Chars<48> remote_q_mgr_name{};
  Bytes<MQMD::kLengthV1> msg_desc{};
};

}  // namespace copybridge::mqi
