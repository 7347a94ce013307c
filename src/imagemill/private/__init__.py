"""Private images: CloudFront's signed URLs and signed cookies, and the RSA keys behind them.

Source: "Serve private content with signed URLs and signed cookies" in the CloudFront Developer
Guide.
"""
