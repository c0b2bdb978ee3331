# Least squares of the KAM reduction on changes of gait in the 107 people of toe-in-107, by R's lm.
#
#   Rscript tests/oracles/toe_in_regression.R folder-of-the-dataset [file]
#
# writes the file (default data/reference/toe_in_regression.csv): one row per model and term; `four` are the columns 3, 4,
# 6 and 8, `all` the twelve, each centred and divided by its standard deviation. Needs nothing but R.

arguments <- commandArgs(trailingOnly = TRUE)
file <- if (length(arguments) > 1) arguments[2] else file.path("data", "reference", "toe_in_regression.csv")
x <- scale(as.matrix(read.csv(file.path(arguments[1], "X_TIdiff.csv"), header = FALSE)))
y <- scan(file.path(arguments[1], "y_TIP1diff.csv"), quiet = TRUE, sep = ",")
rows <- list()
for (model in c("four", "all")) {
  columns <- if (model == "four") c(3, 4, 6, 8) else seq_len(ncol(x))
  fit <- lm(y ~ x[, columns])
  found <- summary(fit)
  rows[[model]] <- data.frame(
    model = model, column = c(0, columns), estimate = coef(found)[, 1], se = coef(found)[, 2], t = coef(found)[, 3],
    p = coef(found)[, 4], low = confint(fit)[, 1], high = confint(fit)[, 2], r2 = found$r.squared,
    adjusted_r2 = found$adj.r.squared
  )
}
table <- do.call(rbind, rows)
for (name in names(table)[-(1:2)]) table[[name]] <- sprintf("%.15g", table[[name]])
write.csv(table, file, row.names = FALSE, quote = FALSE)
