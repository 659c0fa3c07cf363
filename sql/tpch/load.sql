-- Loads the .tbl files in the folder :data, made by `tpchgen-cli tbl -s 1 --output-dir DIR`.
\set file :data '/region.tbl'
COPY region FROM :'file' DELIMITER '|';
\set file :data '/nation.tbl'
COPY nation FROM :'file' DELIMITER '|';
\set file :data '/supplier.tbl'
COPY supplier FROM :'file' DELIMITER '|';
\set file :data '/customer.tbl'
COPY customer FROM :'file' DELIMITER '|';
\set file :data '/part.tbl'
COPY part FROM :'file' DELIMITER '|';
\set file :data '/partsupp.tbl'
COPY partsupp FROM :'file' DELIMITER '|';
\set file :data '/orders.tbl'
COPY orders FROM :'file' DELIMITER '|';
\set file :data '/lineitem.tbl'
COPY lineitem FROM :'file' DELIMITER '|';
