      *----------------------------------------------------------------*
      * PAYMENT REQUEST MESSAGE             LENGTH 250                 *
      * Put to queue PAYMENT.REQUEST by the payment transactions.      *
      *----------------------------------------------------------------*
       01  PAYMENT-MESSAGE.
           05  PMT-MESSAGE-TYPE            PIC X(04).
               88  PMT-IS-REQUEST              VALUE 'PREQ'.
               88  PMT-IS-CANCEL               VALUE 'PCAN'.
               88  PMT-IS-TEST                 VALUE 'PTST'.
           05  PMT-VERSION                 PIC 9(02).
           05  PMT-ID                      PIC X(16).
           05  PMT-CREATED-AT              PIC X(26).
           05  PMT-DEBTOR.
               10  PMT-DEBTOR-NAME         PIC X(30).
               10  PMT-DEBTOR-IBAN         PIC X(34).
           05  PMT-CREDITOR.
               10  PMT-CREDITOR-NAME       PIC X(30).
               10  PMT-CREDITOR-IBAN       PIC X(34).
           05  PMT-AMOUNT                  PIC S9(11)V99 COMP-3.
           05  PMT-CURRENCY                PIC X(03).
           05  PMT-EXECUTION-DATE          PIC 9(08).
           05  PMT-PRIORITY                PIC 9(01).
           05  PMT-CHARGES                 PIC S9(05)V99
                                           SIGN IS TRAILING SEPARATE.
           05  PMT-RETRY-COUNT             PIC S9(04) COMP.
           05  PMT-REMITTANCE              PIC X(35).
           05  FILLER                      PIC X(10).
