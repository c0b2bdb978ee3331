# How people differ, and a mean's block bootstrap, by R's nlme and boot.
#
#   Rscript tests/oracles/shrinkage.R [folder [resamples]]
#
# writes to the folder (default data/reference; 200,000 resamples):
#   shrinkage_input.csv   40 simulated people, three quantities with known sampling covariance (s11 ... s33), and a series
#   shrinkage.csv         mean, covariance between people, log likelihood and everyone's best prediction by restricted
#                         maximum likelihood of all values as one vector (R's optim); the same by maximum likelihood
#                         beside nlme's; variance of the series' mean by boot, blocks of 4
# Needs nlme and boot and nothing of this project. For nlme each person's values are multiplied by the inverse root of
# their sampling covariance, so that the residuals are independent with SD 1, which nlme holds fixed. Compared by maximum
# likelihood only: under "REML" with that SD fixed, nlme 3.1-162 ends at a first variance of .610, where the restricted
# likelihood of all values as one vector has its maximum at .641 (and the other one at .607).

suppressPackageStartupMessages({library(nlme); library(boot)})
arguments <- commandArgs(trailingOnly = TRUE)
folder <- if (length(arguments) > 0) arguments[1] else file.path("data", "reference")
resamples <- if (length(arguments) > 1) as.integer(arguments[2]) else 200000L
people <- 40
size <- 3

set.seed(20250907)
root <- matrix(c(1, 0.6, -0.4, 0, 0.8, 0.3, 0, 0, 0.7), size)
truth <- matrix(rnorm(people * size), people) %*% t(root) + matrix(c(2, 1, -1), people, size, byrow = TRUE)
sampling <- lapply(seq_len(people), function(k) {
  half <- matrix(rnorm(size * size), size) * 0.4
  signif(half %*% t(half) + diag(size) * runif(1, 0.1, 0.6), 12)
})
values <- signif(truth + t(sapply(sampling, function(s) t(chol(s)) %*% rnorm(size))), 12)
series <- signif(as.numeric(arima.sim(list(ar = 0.4), people)), 12)

long <- do.call(rbind, lapply(seq_len(people), function(k) {
  white <- solve(t(chol(sampling[[k]])))
  data.frame(person = k, y = as.numeric(white %*% values[k, ]), x1 = white[, 1], x2 = white[, 2], x3 = white[, 3])
}))
fit <- lme(y ~ 0 + x1 + x2 + x3, random = ~ 0 + x1 + x2 + x3 | person, data = long, method = "ML",
           control = lmeControl(sigma = 1, opt = "nlminb", msMaxIter = 1000, tolerance = 1e-12, msTol = 1e-14,
                                niterEM = 200))
# The determinants of the roots turn the likelihood of the multiplied values into that of the values.
change <- sum(sapply(sampling, function(s) -sum(log(diag(chol(s))))))

stacked <- as.numeric(t(values))
design <- kronecker(rep(1, people), diag(size))
known <- matrix(0, people * size, people * size)
for (k in seq_len(people)) known[(k - 1) * size + 1:size, (k - 1) * size + 1:size] <- sampling[[k]]
whole <- function(elements, restricted) {
  half <- matrix(0, size, size)
  half[lower.tri(half, TRUE)] <- elements
  between <- half %*% t(half)
  total <- kronecker(diag(people), between) + known
  root <- chol(total)
  inverse <- chol2inv(root)
  information <- t(design) %*% inverse %*% design
  mean <- solve(information, t(design) %*% inverse %*% stacked)
  away <- stacked - design %*% mean
  free <- length(stacked) - if (restricted) size else 0
  value <- -(free * log(2 * pi) + 2 * sum(log(diag(root))) + t(away) %*% inverse %*% away +
             if (restricted) determinant(information)$modulus else 0) / 2
  list(value = as.numeric(value), mean = as.numeric(mean), between = between, error = solve(information),
       predicted = matrix(mean, people, size, byrow = TRUE) +
         t(matrix(kronecker(diag(people), between) %*% inverse %*% away, size)))
}
best <- function(restricted) {
  start <- t(chol(cov(values)))[lower.tri(diag(size), TRUE)]
  for (again in 1:5) {
    start <- optim(start, function(e) -whole(e, restricted)$value, method = "BFGS",
                   control = list(reltol = 1e-16, maxit = 1000, ndeps = rep(1e-5, length(start))))$par
  }
  whole(start, restricted)
}
reml <- best(TRUE)
ml <- best(FALSE)

drawn <- tsboot(series, mean, R = resamples, l = 4, sim = "fixed", endcorr = FALSE)
moved <- as.numeric(drawn$t) - mean(series)
squared <- moved^2

square <- function(name, matrix) {
  data.frame(what = name, row = rep(seq_len(size), size), column = rep(seq_len(size), each = size),
             value = as.numeric(matrix), error = NA)
}
one <- function(name, value) data.frame(what = name, row = 0, column = 0, value = as.numeric(value), error = NA)
result <- rbind(
  data.frame(what = "mean", row = seq_len(size), column = 0, value = reml$mean, error = NA),
  square("between", reml$between), square("error", reml$error), one("log likelihood", reml$value),
  square("ML between", ml$between), square("nlme ML between", matrix(getVarCov(fit), size)),
  one("ML log likelihood", ml$value), one("nlme ML log likelihood", as.numeric(logLik(fit)) + change),
  data.frame(what = "predicted", row = rep(seq_len(people), size), column = rep(seq_len(size), each = people),
             value = as.numeric(reml$predicted), error = NA),
  data.frame(what = "block variance", row = 0, column = 0, value = mean(squared),
             error = sd(squared) / sqrt(resamples)))
elements <- t(sapply(sampling, as.numeric))
colnames(elements) <- paste0("s", rep(seq_len(size), size), rep(seq_len(size), each = size))
input <- data.frame(person = seq_len(people), values, elements, series = series)
names(input)[2:4] <- c("y1", "y2", "y3")
write.csv(format(input, digits = 15, trim = TRUE), file.path(folder, "shrinkage_input.csv"), row.names = FALSE, quote = FALSE)
write.csv(format(result, digits = 15, trim = TRUE), file.path(folder, "shrinkage.csv"), row.names = FALSE, quote = FALSE)
