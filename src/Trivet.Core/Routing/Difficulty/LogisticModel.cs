namespace Trivet.Core.Routing.Difficulty;

/// <summary>
/// Ridge logistic regression on standardised features, fitted by Newton's method: a probability from a few numbers. For tens of features and up to some ten thousand rows; it has no randomness, so the same data
/// give the same model on every node.
/// </summary>
internal sealed class LogisticModel
{
    private const int RoundsMax = 30;

    private readonly double[] _means, _deviations, _weights;

    private LogisticModel(double[] means, double[] deviations, double[] weights) => (_means, _deviations, _weights) = (means, deviations, weights);

    /// <summary>Fits <paramref name="labels"/> on <paramref name="rows"/> of equal length.</summary>
    /// <param name="rows">Features.</param>
    /// <param name="labels">What came of each.</param>
    /// <param name="ridge">Penalty on squared weights, the constant aside; larger for fewer rows.</param>
    public static LogisticModel Fit(IReadOnlyList<double[]> rows, IReadOnlyList<bool> labels, double ridge)
    {
        var count = rows[0].Length;
        var means = Enumerable.Range(0, count).Select(f => rows.Average(row => row[f])).ToArray();
        var deviations = Enumerable.Range(0, count).Select(f => Math.Max(1e-9, Math.Sqrt(rows.Average(row => Math.Pow(row[f] - means[f], 2))))).ToArray();
        var model = new LogisticModel(means, deviations, new double[count + 1]);
        var (gradient, hessian, x) = (new double[count + 1], new double[count + 1, count + 1], new double[count + 1]);
        for (var round = 0; round < RoundsMax; round++)
        {
            Array.Clear(gradient);
            Array.Clear(hessian);
            for (var r = 0; r < rows.Count; r++)
            {
                model.Standardise(rows[r], x);
                var p = 1 / (1 + Math.Exp(-model.Dot(x)));
                var (error, weight) = ((labels[r] ? 1 : 0) - p, Math.Max(1e-6, p * (1 - p)));
                for (var i = 0; i <= count; i++)
                {
                    gradient[i] += error * x[i];
                    for (var j = 0; j <= i; j++)
                        hessian[i, j] += weight * x[i] * x[j];
                }
            }

            for (var i = 1; i <= count; i++)
            {
                gradient[i] -= ridge * model._weights[i];
                hessian[i, i] += ridge;
            }

            if (model.Step(gradient, hessian) < 1e-8)
                break;
        }

        return model;
    }

    /// <summary>The probability for one row of features.</summary>
    public double Probability(ReadOnlySpan<double> features)
    {
        var sum = _weights[0];
        for (var i = 0; i < features.Length; i++)
            sum += _weights[i + 1] * (features[i] - _means[i]) / _deviations[i];
        return 1 / (1 + Math.Exp(-sum));
    }

    private void Standardise(double[] row, double[] x)
    {
        x[0] = 1;
        for (var i = 0; i < row.Length; i++)
            x[i + 1] = (row[i] - _means[i]) / _deviations[i];
    }

    private double Dot(double[] x)
    {
        var sum = 0.0;
        for (var i = 0; i < x.Length; i++)
            sum += x[i] * _weights[i];
        return sum;
    }

    // Solves hessian · step = gradient by Cholesky's factors, made in place in the lower half.
    private double Step(double[] gradient, double[,] hessian)
    {
        var n = gradient.Length;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = hessian[i, j];
                for (var k = 0; k < j; k++)
                    sum -= hessian[i, k] * hessian[j, k];
                hessian[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / hessian[j, j];
            }

            for (var k = 0; k < i; k++)
                gradient[i] -= hessian[i, k] * gradient[k];
            gradient[i] /= hessian[i, i];
        }

        var largest = 0.0;
        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++)
                gradient[i] -= hessian[k, i] * gradient[k];
            gradient[i] /= hessian[i, i];
            _weights[i] += gradient[i];
            largest = Math.Max(largest, Math.Abs(gradient[i]));
        }

        return largest;
    }
}
