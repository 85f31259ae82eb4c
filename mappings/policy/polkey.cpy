      *----------------------------------------------------------------*
      * KEY OF ALL RECORDS OF THE POLICY FILE                          *
      * COPY POLKEY REPLACING ==:TAG:== BY ==PH==.                     *
      *----------------------------------------------------------------*
           05  :TAG:-KEY.
               10  :TAG:-POLICY-NUMBER     PIC X(10).
               10  :TAG:-RECORD-TYPE       PIC X(02).
                   88  :TAG:-IS-HEADER         VALUE '10'.
                   88  :TAG:-IS-COVERAGE       VALUE '20'.
                   88  :TAG:-IS-CLAIM          VALUE '30'.
               10  :TAG:-SEQUENCE-NO       PIC 9(04).
