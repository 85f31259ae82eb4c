      *----------------------------------------------------------------*
      * ACCOUNT MASTER                      RECFM=FB LRECL=200         *
      * One record per account, in account number order.               *
      *----------------------------------------------------------------*
       01  ACCOUNT-RECORD.
           05  ACCT-REC-TYPE               PIC X(01).
               88  ACCT-IS-MASTER              VALUE 'A'.
           05  ACCT-ID                     PIC 9(10).
           05  ACCT-STATUS                 PIC X(01).
               88  ACCT-ACTIVE                 VALUE 'A'.
               88  ACCT-BLOCKED                VALUES 'B' 'F'.
               88  ACCT-CLOSED                 VALUE 'C'.
           05  ACCT-PRODUCT                PIC X(04).
           05  ACCT-BRANCH                 PIC 9(04).
           05  ACCT-HOLDER.
               10  ACCT-FIRST-NAME         PIC X(15).
               10  ACCT-LAST-NAME          PIC X(20).
               10  ACCT-SSN                PIC 9(09).
           05  ACCT-CURRENCY               PIC X(03).
           05  ACCT-BALANCE                PIC S9(09)V99 COMP-3.
           05  ACCT-CREDIT-LIMIT           PIC S9(09)V99 COMP-3.
           05  ACCT-OVERDRAFT              PIC S9(07)V99.
           05  ACCT-INTEREST-RATE          PIC S9(03)V9(04)
                                           SIGN IS LEADING SEPARATE.
           05  ACCT-OPEN-DATE              PIC 9(08).
           05  ACCT-CLOSE-DATE             PIC 9(08).
           05  ACCT-STATEMENT-DATE         PIC X(08).
           05  ACCT-LAST-MOVEMENT          PIC 9(05) COMP-3.
           05  ACCT-MOVEMENT-COUNT         PIC S9(04) COMP.
           05  ACCT-STATEMENT-NO           PIC S9(09) COMP.
           05  ACCT-LAST-ENTRY-NO          PIC S9(18) COMP.
           05  ACCT-MONTH                  OCCURS 3 TIMES.
               10  ACCT-MONTH-ID           PIC 9(06).
               10  ACCT-MONTH-BALANCE      PIC S9(09)V99 COMP-3.
           05  FILLER                      PIC X(27).
