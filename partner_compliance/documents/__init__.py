"""Files people download or print: HTML to PDF, tables to CSV and XLSX. Nothing else renders files."""
