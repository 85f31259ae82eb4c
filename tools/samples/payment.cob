      * Writes the messages of mappings/payment: reads lines of values,
      * moves them into the message, writes it. Beside every message it
      * writes a map of the message: B for the bytes of COMP and COMP-3
      * items, T for text; make_samples.py translates the text to
      * EBCDIC by it.
       IDENTIFICATION DIVISION.
       PROGRAM-ID. PAYMENT.
       ENVIRONMENT DIVISION.
       INPUT-OUTPUT SECTION.
       FILE-CONTROL.
           SELECT VALUE-FILE ASSIGN TO "VALUES"
               ORGANIZATION IS LINE SEQUENTIAL.
           SELECT RECORD-FILE ASSIGN TO "RECORDS"
               ORGANIZATION IS SEQUENTIAL.
           SELECT MAP-FILE ASSIGN TO "MAPS"
               ORGANIZATION IS SEQUENTIAL.
       DATA DIVISION.
       FILE SECTION.
       FD  VALUE-FILE.
       01  VALUE-LINE.
           05  V-MESSAGE-TYPE          PIC X(04).
           05  V-VERSION               PIC 9(02).
           05  V-ID                    PIC X(16).
           05  V-CREATED-AT            PIC X(26).
           05  V-DEBTOR-NAME           PIC X(30).
           05  V-DEBTOR-IBAN           PIC X(34).
           05  V-CREDITOR-NAME         PIC X(30).
           05  V-CREDITOR-IBAN         PIC X(34).
           05  V-AMOUNT                PIC S9(11)V99
                                       SIGN LEADING SEPARATE.
           05  V-CURRENCY              PIC X(03).
           05  V-EXECUTION-DATE        PIC 9(08).
           05  V-PRIORITY              PIC 9(01).
           05  V-CHARGES               PIC S9(05)V99
                                       SIGN LEADING SEPARATE.
           05  V-RETRY-COUNT           PIC S9(04)
                                       SIGN LEADING SEPARATE.
           05  V-REMITTANCE            PIC X(35).
       FD  RECORD-FILE.
       01  RECORD-OUT                  PIC X(250).
       FD  MAP-FILE.
       01  MAP-OUT                     PIC X(250).
       WORKING-STORAGE SECTION.
       COPY PAYMENT.
       01  END-OF-VALUES               PIC X(01) VALUE 'N'.
       PROCEDURE DIVISION.
       MAIN-LINE.
           OPEN INPUT VALUE-FILE OUTPUT RECORD-FILE MAP-FILE
           PERFORM READ-VALUES
           PERFORM UNTIL END-OF-VALUES = 'Y'
               PERFORM BUILD-MESSAGE
               WRITE RECORD-OUT FROM PAYMENT-MESSAGE
               PERFORM BUILD-MAP
               WRITE MAP-OUT FROM PAYMENT-MESSAGE
               PERFORM READ-VALUES
           END-PERFORM
           CLOSE VALUE-FILE RECORD-FILE MAP-FILE
           STOP RUN.
       READ-VALUES.
           READ VALUE-FILE AT END MOVE 'Y' TO END-OF-VALUES END-READ.
       BUILD-MESSAGE.
           MOVE SPACES             TO PAYMENT-MESSAGE
           MOVE V-MESSAGE-TYPE     TO PMT-MESSAGE-TYPE
           MOVE V-VERSION          TO PMT-VERSION
           MOVE V-ID               TO PMT-ID
           MOVE V-CREATED-AT       TO PMT-CREATED-AT
           MOVE V-DEBTOR-NAME      TO PMT-DEBTOR-NAME
           MOVE V-DEBTOR-IBAN      TO PMT-DEBTOR-IBAN
           MOVE V-CREDITOR-NAME    TO PMT-CREDITOR-NAME
           MOVE V-CREDITOR-IBAN    TO PMT-CREDITOR-IBAN
           MOVE V-AMOUNT           TO PMT-AMOUNT
           MOVE V-CURRENCY         TO PMT-CURRENCY
           MOVE V-EXECUTION-DATE   TO PMT-EXECUTION-DATE
           MOVE V-PRIORITY         TO PMT-PRIORITY
           MOVE V-CHARGES          TO PMT-CHARGES
           MOVE V-RETRY-COUNT      TO PMT-RETRY-COUNT
           MOVE V-REMITTANCE       TO PMT-REMITTANCE.
       BUILD-MAP.
           MOVE ALL "T" TO PAYMENT-MESSAGE
           MOVE ALL "B" TO PMT-AMOUNT (1:)
           MOVE ALL "B" TO PMT-RETRY-COUNT (1:).
